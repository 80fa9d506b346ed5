// Whatever is handed in, the answer is one line, the right exit status, and nothing left under the output's name.
#include "base/files.h"
#include "graph/graph.h"
#include "tests/cli/program.h"

#include <catch2/catch.hpp>
#include <signal.h>

#include <fstream>
#include <functional>

using namespace ridgeline;
using namespace ridgeline::tests;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() : m_folder(std::move(*TemporaryFolder::create("bad-input"))) {}
  fs::path operator/(const std::string& name) const { return m_folder.path() / name; }
  fs::path write(const std::string& name, const std::string& content) const {
    std::ofstream(m_folder.path() / name, std::ios::binary) << content;
    return m_folder.path() / name;
  }
  int files() const {
    return static_cast<int>(std::distance(fs::directory_iterator(m_folder.path()), fs::directory_iterator()));
  }

 private:
  TemporaryFolder m_folder;
};

void checkRefused(const Ran& ran, int status, const std::string& words) {
  INFO("stderr: " << ran.err);
  CHECK(ran.status == status);
  CHECK(ran.errLines() == 1);
  CHECK(ran.err.rfind("ridgeline: ", 0) == 0);
  CHECK(ran.err.find(words) != std::string::npos);
  CHECK(ran.out.empty());
}

// Every verb that reads a model says the same about a bad one.
void checkModelRefused(const fs::path& model, const std::string& words) {
  const Folder out;
  checkRefused(runProgram({"record", model.string(), "-o", (out / "x.ridge").string()}), 3, words);
  checkRefused(runProgram({"optimize", model.string(), "-o", (out / "x.onnx").string()}), 3, words);
  CHECK(out.files() == 0);
}

// relu(x), or what `change` makes of it.
fs::path tinyModel(const Folder& folder, const std::string& name,
                   const std::function<void(onnx::GraphProto&)>& change) {
  auto model = graph::Model::create(16, "tiny");
  auto& g = model.graphProto();
  auto* in = g.add_input();
  in->set_name("x");
  auto* type = in->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  type->mutable_shape()->add_dim()->set_dim_value(4);
  auto* out = g.add_output();
  *out = *in;
  out->set_name("y");
  auto* node = g.add_node();
  node->set_op_type("Relu");
  node->add_input("x");
  node->add_output("y");
  change(g);
  return folder.write(name, model.proto().SerializeAsString());
}

}  // namespace

TEST_CASE("what is no model is refused in one line") {
  const Folder folder;
  checkModelRefused(folder / "missing.onnx", "no such file");
  checkModelRefused(folder.write("empty.onnx", ""), "empty");
  checkModelRefused(folder.write("text.onnx", "This is a letter, not a network.\nTruly.\n"), "text.onnx");
  fs::create_directory(folder / "folder.onnx");
  checkModelRefused(folder / "folder.onnx", "directory");
  const auto whole = *readFile(sampleModel("tiny-resnet"));
  checkModelRefused(folder.write("truncated.onnx", whole.substr(0, whole.size() / 2)), "truncated.onnx");
}

TEST_CASE("models that cannot run are refused in one line") {
  const Folder folder;
  checkModelRefused(tinyModel(folder, "cycle.onnx",
                              [](auto& g) {
                                g.mutable_node(0)->set_input(0, "z");
                                auto* back = g.add_node();
                                back->set_op_type("Relu");
                                back->add_input("y");
                                back->add_output("z");
                              }),
                    "cycle");
  checkModelRefused(tinyModel(folder, "unknown.onnx", [](auto& g) { g.mutable_node(0)->set_op_type("Frobnicate"); }),
                    "Frobnicate");
  checkModelRefused(tinyModel(folder, "external.onnx",
                              [](auto& g) {
                                auto* w = g.add_initializer();
                                w->set_name("w");
                                w->set_data_type(onnx::TensorProto::FLOAT);
                                w->add_dims(4);
                                w->set_data_location(onnx::TensorProto::EXTERNAL);
                                auto* where = w->add_external_data();
                                where->set_key("location");
                                where->set_value("weights.bin");
                                g.mutable_node(0)->set_op_type("Add");
                                g.mutable_node(0)->add_input("w");
                              }),
                    "weights.bin");
}

TEST_CASE("what is no profile is refused in one line") {
  const Folder folder;
  for (const auto& verb : {std::vector<std::string>{"report"}, {"advise"}, {"query"}}) {
    const auto ask = [&](const fs::path& file) {
      auto args = verb;
      args.push_back(file.string());
      if (verb[0] == "query") args.push_back("SELECT 1");
      return runProgram(args);
    };
    INFO(verb[0]);
    checkRefused(ask(folder / "missing.ridge"), 3, "missing.ridge");
    checkRefused(ask(folder.write("text.ridge", "hello")), 3, "text.ridge");
    checkRefused(ask(folder.write("empty.ridge", "")), 3, "empty.ridge");
  }
}

TEST_CASE("wrong usage says what is wrong and where help is") {
  const auto model = sampleModel("tiny-resnet").string();
  checkRefused(runProgram({"optimize", model}), 2, "--output");
  checkRefused(runProgram({"frobnicate"}), 2, "--help");
  checkRefused(runProgram({"record", model, "--shape", "no_such_input=1x2"}), 2, "no_such_input");
  checkRefused(runProgram({"record", model, "--shape", "nonsense"}), 2, "nonsense");
  checkRefused(runProgram({"optimize", model, "-o", "/tmp/x.onnx", "--budget", "5"}), 2, "10m");
  checkRefused(runProgram({"optimize", model, "-o", "/tmp/x.onnx", "--max-opset", "0"}), 2, "1 to 1000");
  checkRefused(runProgram({"report", "x.ridge", "--format", "yaml"}), 2, "yaml");
}

TEST_CASE("an output that cannot be written is named before any work is done") {
  const Folder folder;
  const auto model = sampleModel("tiny-resnet").string();
  checkRefused(runProgram({"optimize", model, "-o", (folder / "no/such/x.onnx").string()}), 4, "does not exist");
  checkRefused(runProgram({"record", model, "-o", (folder / "no/such/x.ridge").string()}), 4, "does not exist");
  fs::create_directory(folder / "there");
  checkRefused(runProgram({"optimize", model, "-o", (folder / "there").string()}), 4, "directory");
}

TEST_CASE("a disk with no room leaves no file and says so") {
  const Folder folder;
  const auto model = sampleModel("tiny-resnet").string();
  checkRefused(runWithLittleDisk({"optimize", model, "-o", (folder / "x.onnx").string(), "--budget", "2s"}, 8), 4,
               "room");
  checkRefused(runWithLittleDisk({"record", model, "-o", (folder / "x.ridge").string(), "--duration", "1s"}, 8), 4, "");
  CHECK(folder.files() == 0);
}

TEST_CASE("Ctrl-C ends the work in one line and leaves nothing") {
  const Folder folder;
  const auto model = sampleModel("tiny-bert").string();
  const auto optimize =
      runInterrupted({"optimize", model, "-o", (folder / "x.onnx").string(), "--budget", "60s"}, SIGINT, 700);
  checkRefused(optimize, 130, "interrupted");
  const auto record =
      runInterrupted({"record", model, "-o", (folder / "x.ridge").string(), "--duration", "60s"}, SIGINT, 700);
  checkRefused(record, 130, "interrupted");
  CHECK(folder.files() == 0);
}
