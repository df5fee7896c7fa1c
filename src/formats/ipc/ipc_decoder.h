#pragma once

#include <memory>

#include "formats/decoder.h"

namespace polarway::ipc {

/// Decodes Arrow IPC: the file format (Feather version 2) and the stream format, told apart by
/// their first bytes.
///
/// Chunks are of any size, whatever the record batches. Of what is not compressed, and can be
/// reached in any order, only the bytes of the wanted rows of the wanted columns are read, so that
/// a batch may be larger than all memory; where the file can be read in place (ByteStream::map()),
/// chunks show its own bytes. Compressed buffers, and those of a pipe, are held for one batch at a
/// time: the budget pays for them, and MemoryLimit names the batch that does not fit.
///
/// Dictionaries stay dictionaries, and are held as long as they are used. In a stream they may be
/// added to and replaced, in a file added to. A stream ends with its mark, whatever comes behind
/// it, or between two messages. Nothing that the bytes say is believed unchecked: see ArrayReader.
///
/// Splits are runs of record batches, of files only.
std::unique_ptr<Decoder> make_ipc_decoder();

}  // namespace polarway::ipc
