#pragma once

/// @file
/// Everything of Polarway in one include. Each header below can also be included alone.

#include "polarway/config.h"
#include "polarway/credentials.h"
#include "polarway/dataframe.h"
#include "polarway/error.h"
#include "polarway/executor.h"
#include "polarway/expr.h"
#include "polarway/memory.h"
#include "polarway/parse_credentials.h"
#include "polarway/registry.h"
#include "polarway/result.h"
#include "polarway/schema.h"
#include "polarway/sink.h"
#include "polarway/sniff.h"
#include "polarway/source.h"
#include "polarway/stream.h"
#include "polarway/version.h"
