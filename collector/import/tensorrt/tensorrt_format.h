// TensorRT's layer profile and layer graph, and the metadata that TREx writes beside them.
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesTensorRt(std::string_view head);
Result<std::vector<Recording>> readTensorRt(Input& input, Names& names, Job job);

// The files of one engine become one recording: the graph gives a profile's layers their kind and shapes, metadata the
// device. They belong together by name: "x.engine.profile.json" and "x.engine.graph.json". Others stay as they are.
void joinTensorRt(std::vector<Recording>& recordings);

}  // namespace ridgeline::collector::import
