// A format: how it is recognized and read. One folder each; formats.cpp lists them.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/import/bytes.h"
#include "collector/import/recording.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace ridgeline::collector::import {

struct Input {
  std::filesystem::path path;  // for messages, and for databases, which are no stream
  std::unique_ptr<ByteSource> bytes;
  std::string name() const { return path.string(); }
};

struct Format {
  std::string_view name;     // as in rank.format
  std::string_view summary;  // for the help
  // From the first 64 KB, unpacked.
  bool (*recognizes)(std::string_view head);
  // Every process in it. BadInput in one line for what cannot be used.
  Result<std::vector<Recording>> (*read)(Input& input, Names& names, Job job);
};

// In the order in which they are asked; the first that recognizes a file reads it.
std::span<const Format> allFormats();

}  // namespace ridgeline::collector::import
