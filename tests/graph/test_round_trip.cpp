// What goes through load and save comes out the same message, unknown parts included.
#include "base/files.h"
#include "tests/graph/build.h"
#include "tests/graph/shared_data.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;
namespace fs = std::filesystem;

namespace {

std::string canonical(const std::string& bytes) {
  onnx::ModelProto proto;
  REQUIRE(proto.ParseFromString(bytes));
  return proto.SerializeAsString();
}

// The bytes of the file that a model in `bytes` becomes when it is loaded and saved.
std::string throughFile(const std::string& bytes) {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  REQUIRE(writeFileAtomically(folder->path() / "in.onnx", bytes));
  auto model = Model::load(folder->path() / "in.onnx");
  if (!model) FAIL(model.error().text());
  Graph graph(*model);  // indexing alone changes nothing
  REQUIRE(model->save(folder->path() / "out.onnx"));
  auto saved = readFile(folder->path() / "out.onnx");
  REQUIRE(saved);
  return *saved;
}

}  // namespace

TEST_CASE("Real models survive load and save unchanged") {
  const auto folder = sharedModels();
  if (folder.empty()) {
    WARN("skipped: no shared data here; set RIDGELINE_SHARED_DATA");
    return;
  }
  // These are invalid on purpose, and ONNX Runtime refuses them too.
  const std::vector<std::string> invalid = {"bad_graph_with_duplicate_node_names.onnx",
                                            "bad_graph_with_no_import_domains.onnx"};
  int tried = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    INFO(entry.path().filename().string());
    const auto name = entry.path().filename().string();
    if (std::find(invalid.begin(), invalid.end(), name) != invalid.end()) {
      const auto refused = Model::load(entry.path());
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::BadInput);
      continue;
    }
    const auto bytes = readFile(entry.path());
    REQUIRE(bytes);
    CHECK(canonical(throughFile(*bytes)) == canonical(*bytes));
    ++tried;
  }
  CHECK(tried > 20);
}

TEST_CASE("What we do not understand is carried through") {
  auto model = emptyModel();
  auto& proto = model.proto();
  auto& graph = model.graphProto();
  input(graph, "x");
  output(graph, "y");
  node(graph, "Custom", {"x"}, {"y"}).set_domain("made.up");
  // Field 4321 of the model, field 777 of the node and field 555 of the output: of some later ONNX.
  proto.mutable_unknown_fields()->append("\x8a\x8e\x02\x05later", 9);
  graph.mutable_node(0)->mutable_unknown_fields()->append("\xca\x30\x02hi", 5);
  graph.mutable_output(0)->mutable_unknown_fields()->append("\xda\x22\x01!", 4);
  auto* type = graph.mutable_node(0)->add_attribute();
  type->set_name("strange");
  // AttributeType 99 is no value of the enumeration that we know.
  type->mutable_unknown_fields()->append("\xa0\x01\x63", 3);

  auto* function = proto.add_functions();
  function->set_name("Custom");
  function->set_domain("made.up");
  function->add_input(std::string("a"));
  function->add_output(std::string("b"));
  auto* property = proto.add_metadata_props();
  property->set_key("author");
  property->set_value("somebody");
  auto* training = proto.add_training_info();
  training->mutable_algorithm()->set_name("sgd");
  auto* sparse = graph.add_sparse_initializer();
  sparse->mutable_values()->set_name("few");
  sparse->mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse->mutable_values()->add_dims(1);
  sparse->mutable_values()->add_float_data(7);
  sparse->mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse->mutable_indices()->add_dims(1);
  sparse->mutable_indices()->add_int64_data(2);
  sparse->add_dims(9);
  auto& future = *graph.add_initializer();
  future.set_name("future");
  future.set_data_type(4711);
  future.add_dims(3);
  future.set_raw_data(std::string("?"));

  const auto bytes = proto.SerializeAsString();
  const auto saved = throughFile(bytes);
  CHECK(canonical(saved) == canonical(bytes));
  CHECK(saved.find("later") != std::string::npos);
  CHECK(saved.find("\xca\x30\x02hi") != std::string::npos);
  CHECK(saved.find("\xda\x22\x01!") != std::string::npos);
  CHECK(saved.find("\xa0\x01\x63") != std::string::npos);

  const auto copy = Model::parse(bytes)->clone();
  CHECK(copy.serialize().value() == canonical(bytes));
}
