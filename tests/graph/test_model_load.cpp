// What a model must be to be loaded, and what is said when it is not.
#include "base/files.h"
#include "tests/graph/build.h"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <fstream>

using namespace ridgeline;
using namespace ridgeline::graph;
using namespace ridgeline::graph::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

std::string refusal(const Result<Model>& model) {
  REQUIRE_FALSE(model);
  CHECK(model.error().code == ErrorCode::BadInput);
  CHECK(model.error().text().find('\n') == std::string::npos);
  return model.error().text();
}
std::string refusal(const Model& model) { return refusal(Model::parse(model.proto().SerializeAsString())); }

Model identityModel() {
  auto model = emptyModel();
  input(model.graphProto(), "x");
  output(model.graphProto(), "y");
  node(model.graphProto(), "Identity", {"x"}, {"y"});
  return model;
}

}  // namespace

TEST_CASE("Files that are no model are told apart") {
  const auto folder = TemporaryFolder::create("test").value();
  const auto path = folder.path() / "m.onnx";
  const auto loaded = [&](const std::string& content) {
    REQUIRE(writeFileAtomically(path, content));
    return refusal(Model::load(path));
  };
  CHECK_THAT(refusal(Model::load(folder.path() / "none.onnx")), Contains("none.onnx: no such file"));
  CHECK_THAT(refusal(Model::load(folder.path())), Contains("is a directory"));
  CHECK_THAT(refusal(Model::load("/dev/null")), Contains("not a regular file"));
  CHECK_THAT(loaded(""), Contains("is empty"));
  CHECK_THAT(loaded("This is not a model.\n"), Contains("a text file"));
  CHECK_THAT(loaded("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), Contains("git lfs pull"));
  CHECK_THAT(loaded("PK\x03\x04 archive"), Contains("zip"));
  CHECK_THAT(loaded(std::string("\x18\0\0\0ORTM\0\0", 10)), Contains("ONNX Runtime's own format"));
  CHECK_THAT(loaded(std::string(100, '\xff')), Contains("not an ONNX model"));
  const auto good = identityModel().proto().SerializeAsString();
  CHECK_THAT(loaded(good.substr(0, good.size() - 1)), Contains("cut short"));
  REQUIRE(writeFileAtomically(path, good));
  CHECK(Model::load(path));
}

TEST_CASE("A file past 2 GB is refused before it is read") {
  const auto folder = TemporaryFolder::create("test").value();
  const auto path = folder.path() / "big.onnx";
  std::ofstream(path).put('x');
  fs::resize_file(path, uintmax_t{1} << 31);  // sparse: takes no room
  CHECK_THAT(refusal(Model::load(path)), Contains("2 GB") && Contains("external data"));
}

TEST_CASE("A model cut at any byte is refused or still whole, never a crash") {
  auto model = identityModel();
  weight(model.graphProto(), "w", {3}, {1, 2, 3});
  const auto bytes = model.proto().SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = Model::parse(std::string_view(bytes).substr(0, size));
    CHECK_FALSE(cut);  // the operator sets come last
  }
}

TEST_CASE("Messages that are no model") {
  Model none = emptyModel();
  none.proto().clear_graph();
  CHECK_THAT(refusal(none), Contains("no graph"));
  Model noVersion = identityModel();
  noVersion.proto().clear_ir_version();
  CHECK_THAT(refusal(noVersion), Contains("IR version"));
  Model noOpset = identityModel();
  noOpset.proto().clear_opset_import();
  CHECK_THAT(refusal(noOpset), Contains("operator set"));
  CHECK_THAT(refusal(Model::parse("")), Contains("empty"));
}

TEST_CASE("Broken graphs are refused with the place") {
  auto model = identityModel();
  auto& graph = model.graphProto();
  SECTION("a tensor made twice") {
    node(graph, "Relu", {"x"}, {"y"}).set_name("again");
    CHECK_THAT(refusal(model), Contains("node 'again' (Relu) defines 'y'"));
  }
  SECTION("a tensor that is an input too") {
    node(graph, "Relu", {"y"}, {"x"});
    CHECK_THAT(refusal(model), Contains("'x', which is already defined"));
  }
  SECTION("a tensor that is a weight too") {
    weight(graph, "y", {1}, {1});
    CHECK_THAT(refusal(model), Contains("'y', which is already defined"));
  }
  SECTION("two inputs of one name") {
    input(graph, "x");
    CHECK_THAT(refusal(model), Contains("two inputs called 'x'"));
  }
  SECTION("two nodes of one name") {
    graph.mutable_node(0)->set_name("n");
    node(graph, "Relu", {"x"}, {"z"}).set_name("n");
    CHECK_THAT(refusal(model), Contains("two nodes are called 'n'"));
  }
  SECTION("a read of nothing") {
    node(graph, "Relu", {"ghost"}, {"z"});
    CHECK_THAT(refusal(model), Contains("node 'z' (Relu) reads 'ghost'"));
  }
  SECTION("an output of nothing") {
    output(graph, "ghost");
    CHECK_THAT(refusal(model), Contains("output 'ghost'"));
  }
  SECTION("a cycle") {
    node(graph, "Add", {"x", "b"}, {"a"});
    node(graph, "Relu", {"a"}, {"b"});
    CHECK_THAT(refusal(model), Contains("cycle through 'a'") || Contains("cycle through 'b'"));
  }
  SECTION("a node that reads itself") {
    node(graph, "Add", {"x", "a"}, {"a"});
    CHECK_THAT(refusal(model), Contains("cycle through 'a'"));
  }
  SECTION("a weight of the wrong size") {
    weight(graph, "w", {3}, {1, 2, 3}).set_dims(0, 4);
    node(graph, "Relu", {"w"}, {"z"});
    CHECK_THAT(refusal(model), Contains("tensor 'w'") && Contains("needs 16 bytes but holds 12"));
  }
  SECTION("a weight with a negative dimension") {
    weight(graph, "w", {3}, {1, 2, 3}).set_dims(0, -3);
    output(graph, "w");
    CHECK_THAT(refusal(model), Contains("negative"));
  }
}

TEST_CASE("What ONNX Runtime takes is taken") {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  input(graph, "x");
  SECTION("nodes in any order") {
    node(graph, "Relu", {"a"}, {"y"});
    node(graph, "Abs", {"x"}, {"a"});
    output(graph, "y");
  }
  SECTION("unnamed outputs and absent inputs") {
    node(graph, "LSTM", {"x", "x", "x", "", "", "x"}, {"", "y", ""});
    node(graph, "LSTM", {"x", "x", "x"}, {"", "", "z"});
    output(graph, "y");
  }
  SECTION("weights that are inputs too, and weights given twice") {
    weight(graph, "x", {2, 3}, {1, 2, 3, 4, 5, 6});
    weight(graph, "w", {1}, {1});
    weight(graph, "w", {1}, {2});
    node(graph, "Add", {"x", "w"}, {"y"});
    output(graph, "y");
  }
  SECTION("weights that are stripped or broken, where nothing reads them") {
    weight(graph, "w", {3}, {1, 2, 3}).clear_raw_data();
    weight(graph, "v", {3}, {1, 2, 3}).mutable_raw_data()->pop_back();
    output(graph, "x");
  }
  SECTION("outputs straight from inputs and weights, and no nodes") {
    weight(graph, "w", {1}, {1});
    output(graph, "x");
    output(graph, "w");
  }
  const auto parsed = Model::parse(model.proto().SerializeAsString());
  INFO((parsed ? "" : parsed.error().text()));
  CHECK(parsed);
}

TEST_CASE("Of a weight given twice, the last counts") {
  auto model = emptyModel();
  weight(model.graphProto(), "w", {1}, {1});
  weight(model.graphProto(), "w", {1}, {2});
  CHECK(Graph(model).scalarConstant("w") == 2.0);
}

TEST_CASE("Subgraphs are checked within what surrounds them") {
  auto model = emptyModel();
  auto& graph = model.graphProto();
  input(graph, "x");
  input(graph, "c");
  output(graph, "y");
  auto& branch = node(graph, "If", {"c"}, {"y"});
  auto* then = branch.add_attribute();
  then->set_name("then_branch");
  auto& body = *then->mutable_g();
  body.set_name("body");
  node(body, "Relu", {"x"}, {"inside"});
  output(body, "inside");
  CHECK(Model::parse(model.proto().SerializeAsString()));

  SECTION("an unknown name inside") {
    node(body, "Relu", {"ghost"}, {"more"});
    CHECK_THAT(refusal(model), Contains("reads 'ghost'"));
  }
  SECTION("names from inside are not known outside") {
    node(graph, "Relu", {"inside"}, {"z"});
    CHECK_THAT(refusal(model), Contains("reads 'inside'"));
  }
  SECTION("a cycle inside") {
    node(body, "Relu", {"b"}, {"a"});
    node(body, "Relu", {"a"}, {"b"});
    CHECK_THAT(refusal(model), Contains("graph 'body' has a cycle"));
  }
  SECTION("a cycle through what the body reads") {
    node(body, "Relu", {"late"}, {"more"});
    node(graph, "Relu", {"y"}, {"late"});
    CHECK_THAT(refusal(model), Contains("cycle"));
  }
}

TEST_CASE("Subgraphs nested without end are refused, not followed") {
  std::string bytes;
  const auto wrap = [&](char field) {
    std::string size;
    for (auto rest = bytes.size(); true; rest >>= 7) {
      const bool last = rest < 128;
      size.push_back(static_cast<char>((rest & 0x7f) | (last ? 0 : 0x80)));
      if (last) break;
    }
    bytes.insert(0, std::string(1, static_cast<char>(field << 3 | 2)) + size);
  };
  for (int level = 0; level < 20000; ++level) {
    wrap(6);  // attribute.g
    wrap(5);  // node.attribute
    wrap(1);  // graph.node
  }
  wrap(7);  // model.graph
  CHECK_FALSE(Model::parse(bytes));
}

TEST_CASE("Versions and metadata") {
  auto model = Model::create(17, "g");
  CHECK(model.opset() == 17);
  CHECK(model.opset("ai.onnx") == 17);
  CHECK(model.opset("com.microsoft") == 0);
  model.requireOpset("com.microsoft", 1);
  model.requireOpset("ai.onnx", 15);
  CHECK(model.opset() == 17);
  model.requireOpset("ai.onnx", 18);
  CHECK(model.opset("") == 18);
  CHECK(model.opset("com.microsoft") == 1);
  CHECK(model.proto().opset_import_size() == 2);

  CHECK_FALSE(model.metadata("rules"));
  model.setMetadata("rules", "a");
  model.setMetadata("rules", "b");
  CHECK(model.metadata("rules") == "b");
  REQUIRE(model.proto().metadata_props_size() == 1);
  CHECK(model.proto().metadata_props(0).key() == "ridgeline.rules");
}

TEST_CASE("A clone is independent") {
  auto model = identityModel();
  auto copy = model.clone();
  copy.graphProto().mutable_node(0)->set_op_type("Relu");
  CHECK(text(model) == "Identity(x)->y");
  CHECK(text(copy) == "Relu(x)->y");
}
