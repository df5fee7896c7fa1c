#include "transports/private_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace polarway {
namespace {

bool is_private(const char* text) {
  sockaddr_storage storage{};
  auto* const ip4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* const ip6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text, &ip4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, text, &ip6->sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
  } else {
    ADD_FAILURE() << text;
  }
  return is_private_address(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PrivateAddress, NetworksBeginAndEndWhereTheRegistriesSay) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255",
                           "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
                           "172.31.255.255", "192.168.0.1", "192.168.255.255", "198.18.0.1",
                           "198.19.255.255", "224.0.0.1", "240.0.0.1", "255.255.255.255"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
  for (const char* text :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(PrivateAddress, SixHasItsOwnAndThoseOfFourWithinIt) {
  for (const char* text : {"::", "::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1",
                           "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
                           "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:c0a8:1::1"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
  for (const char* text : {"2606:4700::1111", "fbff::1", "2001:db9::1", "::ffff:1.1.1.1",
                           "64:ff9b::1.1.1.1", "2002:101:101::1"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(PrivateAddress, WhatIsNoAddressOfTheNetworkIsPrivate) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_TRUE(is_private_address(address));
}

}  // namespace
}  // namespace polarway
