// Inputs for a model: read from a folder, or made up from its shapes.
#pragma once

#include "base/result.h"
#include "engine/session.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ridgeline::engine {

// What --shape said: an input's whole shape ("input_ids=1x128"), or the size of a symbolic dimension ("T=128").
struct ShapeRequest {
  std::map<std::string, graph::Dims> inputs;
  std::map<std::string, int64_t> symbols;
};
// Parses and checks against the model's inputs. Usage when a name is neither, a rank or a fixed dim disagrees, or it is
// not numbers; the message lists what the model has.
Result<ShapeRequest> parseShapes(const std::vector<std::string>& arguments, const graph::Model& model);

struct InputSet {
  std::vector<NamedTensors> samples;  // at least one
  bool synthetic = true;
  std::vector<std::string> notes;  // what was assumed: "dimension T of input_ids taken as 1; --shape T=N sets it"
};

// Seeded values from shapes and types: standard normal floats; integers within what the graph lets them index (the rows
// of an embedding), 0..99 otherwise; ones for attention masks. Open dims that nobody gave are 1, or, if the model does
// not run with that, the first of a few usual sizes with which it does.
Result<InputSet> synthesizeInputs(const graph::Model& model, const ShapeRequest& shapes, int samples,
                                  uint64_t seed = 1);

// ONNX's test-data layout (test_data_set_N/input_K.pb), or .npy / .npz by input name (a folder per sample, or files in
// `folder` itself for one sample; an .npz is one sample). BadInput with the file that is wrong.
Result<InputSet> readInputs(const std::filesystem::path& folder, const graph::Model& model);

}  // namespace ridgeline::engine
