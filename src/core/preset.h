#pragma once

#include "polarway/preset.h"

namespace polarway {

/// The largest preset that a machine with that much RAM suffices for, else the smallest. A machine
/// reports a little less than it is sold with.
Preset preset_for_ram(std::int64_t ram_bytes);

}  // namespace polarway
