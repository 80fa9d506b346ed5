// What a check says to pipelines.
#include "base/files.h"
#include "cli/text/check_text.h"
#include "tests/support/sarif.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::advisor;
using namespace ridgeline::cli;
using nlohmann::json;

namespace {

CheckResult regression() {
  CheckResult r;
  r.verdict = CheckVerdict::Regression;
  r.method = CheckMethod::InTurns;
  r.ratio = 1.052;
  r.ci95 = Interval{1.044, 1.061};
  r.rounds = 120;
  r.baseline = {.name = "main.ridge", .model = "net.onnx", .commit = "0123456789abcdef", .latencyMs = 10};
  r.current = {.name = "net.onnx", .model = "net.onnx", .latencyMs = 10.52};
  analyzers::ItemDiff blame;
  blame.rows.push_back({.name = "block/<conv> & \"more\"",
                        .type = "Conv",
                        .aMs = 1,
                        .bMs = 1.5,
                        .deltaMs = 0.5,
                        .ci95 = {0.4, 0.6},
                        .excessMs = 0.5,
                        .status = analyzers::DiffStatus::Changed});
  r.blame = blame;
  r.gates = {{.name = "peak_memory", .state = GateState::Failed, .current = 3e8, .limit = 2e8, .text = "too | much"},
             {.name = "model_size", .state = GateState::Told, .current = 1e8, .text = "model size 100 MB"},
             {.name = "output_cosine", .state = GateState::Passed, .current = 1, .limit = 0.99, .text = "fine"}};
  return r;
}

size_t countOf(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

}  // namespace

TEST_CASE("JUnit counts what failed and escapes what XML would not bear") {
  auto r = regression();
  r.current.model = "net\x01<&>.onnx";
  const auto xml = checkJunit(r, "net.onnx");
  CHECK(countOf(xml, "<testcase ") == 3);  // latency and the two gates with limits
  CHECK(countOf(xml, "<failure ") == 2);
  CHECK(xml.find("tests=\"3\" failures=\"2\"") != std::string::npos);
  CHECK(xml.find("net &lt;&amp;&gt;.onnx") != std::string::npos);
  CHECK(xml.find("block/&lt;conv&gt; &amp;") != std::string::npos);
  auto doubt = regression();
  doubt.verdict = CheckVerdict::Inconclusive;
  doubt.gates.clear();
  CHECK(countOf(checkJunit(doubt, "net.onnx"), "<skipped ") == 1);
  CHECK(countOf(checkJunit(doubt, "net.onnx"), "<failure ") == 0);
}

TEST_CASE("JUnit is well-formed and valid") {
  if (std::system("xmllint --version >/dev/null 2>&1") != 0) {
    WARN("xmllint is not installed: not validated");
    return;
  }
  auto folder = TemporaryFolder::create("junit");
  REQUIRE(folder);
  const auto file = folder->path() / "junit.xml";
  std::ofstream(file) << checkJunit(regression(), "net.onnx");
  const auto command = "xmllint --noout --schema " RIDGELINE_TEST_DATA "/check/junit.xsd " + file.string() + " 2>&1";
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("SARIF has a rule for each result and a place for each") {
  const auto sarif = json::parse(checkSarif(regression(), "models/net.onnx"));
  CHECK(sarif["version"] == "2.1.0");
  const auto& run = sarif["runs"][0];
  REQUIRE(run["results"].size() == 2);
  CHECK(run["results"][0]["ruleId"] == "latency");
  CHECK(run["results"][0]["level"] == "error");
  CHECK(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "models/net.onnx");
  CHECK(run["results"][1]["ruleId"] == "peak_memory");
  CHECK(run["tool"]["driver"]["rules"].size() == 2);
  CheckResult good;
  good.verdict = CheckVerdict::Same;
  CHECK(json::parse(checkSarif(good, "net.onnx"))["runs"][0]["results"].empty());
}

TEST_CASE("SARIF is valid by the standard's schema") {
  if (!tests::canValidateSarif()) return;
  const auto sarif = checkSarif(regression(), "models/net.onnx");
  CHECK(tests::whyNotSarif(sarif) == "");
  auto broken = json::parse(sarif);
  broken["runs"][0]["results"][0].erase("message");
  CHECK(tests::whyNotSarif(broken.dump()).find("message") != std::string::npos);
  CheckResult good;
  good.verdict = CheckVerdict::Same;
  CHECK(tests::whyNotSarif(checkSarif(good, "net.onnx")) == "");
}

TEST_CASE("annotations stay on their line") {
  auto r = regression();
  r.gates[0].text = "line one\nline two, 100%";
  const auto text = checkGithub(r, "a,b:c.onnx");
  CHECK(countOf(text, "\n") == 2);
  CHECK(text.find("::error file=a%2Cb%3Ac.onnx,title=net.onnx%3A regression%2C +5.2 %25 latency::") == 0);
  CHECK(text.find("line one%0Aline two, 100%25") != std::string::npos);
}

TEST_CASE("JSON, text and Markdown say the same") {
  const auto r = regression();
  const auto j = json::parse(checkJson(r));
  CHECK(j["schema_version"] == 1);
  CHECK(j["verdict"] == "regression");
  CHECK(j["passed"] == false);
  CHECK(j["latency_ratio"] == 1.052);
  CHECK(j["regressions"].size() == 2);
  CHECK(j["blame"][0]["delta_ms"] == 0.5);
  CHECK(j["baseline"]["commit"] == "0123456789abcdef");
  const auto text = checkText(r);
  CHECK(text.find("regression, +5.2 % latency") != std::string::npos);
  CHECK(text.find("Failed in") != std::string::npos);
  const auto markdown = checkMarkdown(r);
  CHECK(markdown.find(":x: net.onnx: regression") != std::string::npos);
  CHECK(markdown.find("too \\| much") != std::string::npos);
}
