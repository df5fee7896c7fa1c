#include "transports/private_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace polarway {
namespace {

using Bytes4 = std::array<std::uint8_t, 4>;
using Bytes16 = std::array<std::uint8_t, 16>;

template <class Bytes>
struct Network {
  Bytes prefix;
  int bits;

  bool has(const Bytes& address) const {
    for (int bit = 0; bit < bits; bit += 8) {
      const auto at = static_cast<std::size_t>(bit / 8);
      const int mask = 0xFF00 >> std::min(8, bits - bit);
      if (((address[at] ^ prefix[at]) & mask) != 0) return false;
    }
    return true;
  }
};

constexpr Network<Bytes4> kPrivate4[] = {
    {{0}, 8},         {{10}, 8},       {{100, 64}, 10},      {{127}, 8},
    {{169, 254}, 16}, {{172, 16}, 12}, {{192, 0, 0}, 24},    {{192, 0, 2}, 24},
    {{192, 168}, 16}, {{198, 18}, 15}, {{198, 51, 100}, 24}, {{203, 0, 113}, 24},
    {{224}, 3},
};

// The first holds ::, ::1, and the addresses that IPv4 ones were once written as.
constexpr Network<Bytes16> kPrivate6[] = {
    {{}, 80},    {{1}, 64},          {{0x20, 0x01, 0x0D, 0xB8}, 32},
    {{0xFC}, 7}, {{0xFE, 0x80}, 10}, {{0xFE, 0xC0}, 10},
    {{0xFF}, 8},
};

struct Embedding {
  Network<Bytes16> network;
  std::size_t at;  // of the IPv4 address in it
};
constexpr Embedding kEmbeddings[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12},
    {{{0x00, 0x64, 0xFF, 0x9B}, 96}, 12},
    {{{0x20, 0x02}, 16}, 2},
};

template <class Bytes>
bool is_in(std::span<const Network<Bytes>> networks, const Bytes& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network<Bytes>& network) { return network.has(address); });
}

bool is_private(const Bytes4& address) { return is_in<Bytes4>(kPrivate4, address); }

bool is_private(const Bytes16& address) {
  for (const Embedding& embedding : kEmbeddings) {
    if (!embedding.network.has(address)) continue;
    Bytes4 inner;
    std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(embedding.at), inner.size(),
                inner.begin());
    return is_private(inner);
  }
  return is_in<Bytes16>(kPrivate6, address);
}

}  // namespace

bool is_private_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ip;
    std::memcpy(&ip, &address, sizeof(ip));
    Bytes4 bytes;
    std::memcpy(bytes.data(), &ip.sin_addr, bytes.size());
    return is_private(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ip;
    std::memcpy(&ip, &address, sizeof(ip));
    Bytes16 bytes;
    std::memcpy(bytes.data(), &ip.sin6_addr, bytes.size());
    return is_private(bytes);
  }
  return true;
}

}  // namespace polarway
