#include "collector/import/chrome/chrome_format.h"
#include "collector/import/kineto/kineto_format.h"
#include "collector/import/ncu/ncu_format.h"
#include "collector/import/nsys/nsys_format.h"
#include "collector/import/ort/ort_format.h"
#include "collector/import/reader.h"
#include "collector/import/tensorrt/tensorrt_format.h"

#include <array>

namespace ridgeline::collector::import {
namespace {

constexpr std::array kFormats{
    Format{"nsys", "Nsight Systems, exported to SQLite", recognizesNsys, readNsys},
    Format{"ncu", "Nsight Compute, exported to CSV", recognizesNcu, readNcu},
    Format{"onnxruntime", "ONNX Runtime session profile, .json", recognizesOrt, readOrt},
    Format{"tensorrt", "TensorRT layer profile and layer graph, .json", recognizesTensorRt, readTensorRt},
    Format{"kineto", "PyTorch profiler (Kineto), .json or .json.gz", recognizesKineto, readKineto},
    Format{"chrome", "Chrome trace events, .json or .json.gz", recognizesChrome, readChrome},
};

}  // namespace

std::span<const Format> allFormats() { return kFormats; }

}  // namespace ridgeline::collector::import
