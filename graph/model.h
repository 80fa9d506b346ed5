// An ONNX file in memory. What Ridgeline does not understand (unknown fields, functions, metadata, subgraphs, training
// information) is carried through load and save untouched.
#pragma once

#include "base/result.h"
#include "graph/tensor.h"

#include <onnx/onnx.pb.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ridgeline {
class TemporaryFolder;
}

namespace ridgeline::graph {

struct SaveOptions {
  // A model larger than this, weights included, keeps them in a file beside it. Protobuf ends at 2^31 - 1 bytes; the
  // default leaves room for what a reader may add.
  int64_t maxFileBytes = 1'900'000'000;
};

class Model {
 public:
  // Reads and checks a file: a single protobuf message with a graph, every external data file present and long
  // enough, weights that are read as large as their dims say, every name read defined, none defined twice (except
  // initializers, of which the last counts, as in ONNX Runtime), no cycle. BadInput otherwise, with what and where.
  // Nodes may be in any order. External tensors stay in their files and are read when asked for.
  static Result<Model> load(const std::filesystem::path& path);
  // The same from memory; external data is looked for in `folder`, and refused where that is empty.
  static Result<Model> parse(std::string_view bytes, const std::filesystem::path& folder = {});
  // A new, empty model with this opset of the default domain.
  static Model create(int64_t opset, std::string_view graphName);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();
  Model clone() const;  // deep, but external data files stay where they are

  onnx::ModelProto& proto() { return *m_proto; }
  const onnx::ModelProto& proto() const { return *m_proto; }
  onnx::GraphProto& graphProto() { return *m_proto->mutable_graph(); }
  const onnx::GraphProto& graphProto() const { return m_proto->graph(); }

  // Where external data is relative to; empty for a model made in memory.
  const std::filesystem::path& folder() const { return m_folder; }

  // A constant's value, reading external data if that is where it is. BadInput when the file has since been cut or is
  // gone.
  Result<Tensor> tensor(const onnx::TensorProto& proto) const;

  // Version of an imported operator set; 0 when not imported. "" and "ai.onnx" are the same domain.
  int64_t opset(std::string_view domain = {}) const;
  // Imports `domain` at least at `version`; raising the default domain is the caller's responsibility.
  void requireOpset(std::string_view domain, int64_t version);

  // Bytes of all weights, external ones included, and of the rest of the message.
  int64_t byteSize() const;

  // Writes the model, all or nothing. Weights go into the file itself while it stays under protobuf's 2 GB, else into
  // "<file name>.data" beside it, as ONNX external data. External data is always copied, so the result stands alone.
  // Refused (Usage) where that would overwrite a data file this model still reads.
  Status save(const std::filesystem::path& path, const SaveOptions& options = {}) const;
  // The whole model as one message, external data pulled in; fails (BadInput) past 2 GB.
  Result<std::string> serialize() const;

  // Moves the weights of a model that holds them all itself to a temporary file, where they are this large together.
  // They are external data from then on: copies are small, and the engine maps them instead of copying. The file goes
  // with the last copy. Where there is no room for it, the model stays as it is: slower to work with, but the same.
  void setWeightsAside(int64_t fromBytes = int64_t{128} << 20);

  // metadata_props. `key` goes without its prefix: it is kept as "ridgeline.<key>".
  void setMetadata(std::string_view key, std::string_view value);
  std::optional<std::string> metadata(std::string_view key) const;
  void removeMetadata(std::string_view key);

  // What is known of the model while it is worked on: goes with its copies, never into a file. "" is none.
  void setRemark(std::string_view key, std::string_view value);
  std::string_view remark(std::string_view key) const;

 private:
  Model();
  std::unique_ptr<onnx::ModelProto> m_proto;
  std::filesystem::path m_folder;
  std::shared_ptr<const TemporaryFolder> m_weights;  // where m_folder is a temporary one
  std::map<std::string, std::string, std::less<>> m_remarks;
};

}  // namespace ridgeline::graph
