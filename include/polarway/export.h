/// @file
/// What a shared Polarway shows to the linker.
#pragma once

/// Marks what users may link to. The library is compiled with hidden visibility, so that whatever
/// lacks this mark stays ours to change. Define POLARWAY_STATIC where the objects are linked
/// straight into a program or an extension, which then exports nothing of Polarway.
#if defined(POLARWAY_STATIC)
#define POLARWAY_EXPORT
#else
#define POLARWAY_EXPORT __attribute__((visibility("default")))
#endif
