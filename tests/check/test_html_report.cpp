#include "analyzers/analyze.h"
#include "cli/text/html_report.h"
#include "tests/analyzers/machine.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

size_t countOf(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

// Three operators, one of unknown work and a name that is no HTML; a timeline of two of them.
std::string report() {
  auto p = Profile::createInMemory();
  REQUIRE(p);
  REQUIRE(p->setMeta(meta::model, "net & co.onnx"));
  REQUIRE(p->setMeta(meta::threads, "2"));
  REQUIRE(p->add(test::device()));
  REQUIRE(p->addAll(test::roofs()));
  const auto a = p->add(test::op("conv", 2e6, 2e8, 1e6, 1e5));
  const auto b = p->add(test::op("add", 1e6, 1e6, 2.5e7, 1e9));
  REQUIRE(p->add(Operator{.name = "<script>alert('x')</script>", .opType = "Loop", .timeNs = 5e5}));
  const auto run = p->add(Run{.kind = RunKind::Plain, .durationNs = 4'000'000});
  const auto track = p->add(Track{.name = "thread \"1\"", .kind = TrackKind::Thread});
  REQUIRE(p->add(Slice{.track = *track, .op = *a, .run = *run, .startNs = 0, .durationNs = 2'000'000}));
  REQUIRE(p->add(Slice{.track = *track, .op = *b, .run = *run, .startNs = 2'000'000, .durationNs = 1'000'000}));
  REQUIRE(analyzers::analyze(*p));
  auto r = analyzers::loadReport(*p);
  REQUIRE(r);
  auto html = cli::reportHtml(*r, *p);
  REQUIRE(html);
  return *html;
}

}  // namespace

TEST_CASE("the HTML report stands alone") {
  const auto html = report();
  CHECK(html.find("http://") == std::string::npos);
  CHECK(html.find("https://") == std::string::npos);
  CHECK(html.find(" src=") == std::string::npos);
  CHECK(html.find(" href=") == std::string::npos);
  CHECK(html.find("@import") == std::string::npos);
  CHECK(countOf(html, "<script>") == 1);
  CHECK(html.find("prefers-color-scheme:dark") != std::string::npos);
}

TEST_CASE("names from a profile are text in the HTML report, whatever they hold") {
  const auto html = report();
  CHECK(html.find("alert('x')") == std::string::npos);
  CHECK(html.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;") != std::string::npos);
  CHECK(html.find("net &amp; co.onnx") != std::string::npos);
}

TEST_CASE("operators of known work are circles under the roofs, and slices are boxes") {
  const auto html = report();
  CHECK(countOf(html, "<circle ") == 2);
  CHECK(countOf(html, "<rect ") == 2);
  // conv runs at 1e11 operations/s and add at 1e9; 800 GFLOP/s is the highest roof. So the axis goes from 0.1 (416
  // pixels) to 1000 (18), and 100 stands at 416 - 3/4 * 398.
  CHECK(html.find("cy=\"117.5\"") != std::string::npos);
  // The first slice takes two thirds of the 950 pixels right of the labels.
  CHECK(html.find("x=\"150.00\" y=\"8.0\" width=\"633.33\"") != std::string::npos);
}

TEST_CASE("a profile that has nothing makes a page too") {
  auto p = Profile::createInMemory();
  REQUIRE(p);
  REQUIRE(analyzers::analyze(*p));
  auto r = analyzers::loadReport(*p);
  REQUIRE(r);
  auto html = cli::reportHtml(*r, *p);
  REQUIRE(html);
  CHECK(html->find("</html>") != std::string::npos);
}
