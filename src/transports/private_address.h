#pragma once

#include <sys/socket.h>

namespace polarway {

/// Whether an address is one that the public network does not lead to: loopback, private, shared,
/// link-local (where clouds tell machines their credentials), multicast and reserved ones, as the
/// registries of RFC 6890 list them; also within IPv6, where IPv4 addresses are mapped (RFC 4291),
/// translated (RFC 6052) or tunnelled (RFC 3056). What is neither IPv4 nor IPv6 is private.
bool is_private_address(const sockaddr& address);

}  // namespace polarway
