#include "collector/import/chrome/chrome_format.h"
#include "collector/import/kineto/kineto_format.h"
#include "collector/import/reader.h"

#include <array>

namespace ridgeline::collector::import {
namespace {

constexpr std::array kFormats{
    Format{"kineto", "PyTorch profiler (Kineto), .json or .json.gz", recognizesKineto, readKineto},
    Format{"chrome", "Chrome trace events, .json or .json.gz", recognizesChrome, readChrome},
};

}  // namespace

std::span<const Format> allFormats() { return kFormats; }

}  // namespace ridgeline::collector::import
