// The program in a process of its own: told of, stopped, dead.
#include "base/files.h"
#include "gui/models/program_run.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

// Runs a shell script in its place.
struct Ran {
  ProgramRun run;
  int status = -1;
  QString message;
  QStringList phases;

  Ran() {
    application();
    QObject::connect(&run, &ProgramRun::changed, &run, [this] {
      if (phases.isEmpty() || phases.last() != run.phase()) phases += run.phase();
    });
    QObject::connect(&run, &ProgramRun::ended, &run, [this](int s, const QString& m) { status = s, message = m; });
  }
  void start(const QString& script) {
    run.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), script}, QStringLiteral("optimize x.onnx"));
  }
  void finish() {
    REQUIRE(waitUntil([this] { return status >= 0; }));
  }
};

}  // namespace

TEST_CASE("Progress lines become phase, fraction and notes", "[gui]") {
  Ran ran;
  ran.start(
      QStringLiteral("echo '{\"phase\":\"calibrate\"}' >&2; echo '{\"phase\":\"search\",\"fraction\":0.25}' >&2;"
                     "echo '{\"phase\":\"search\",\"note\":\"kept\"}' >&2; echo result"));
  ran.finish();
  CHECK(ran.status == 0);
  CHECK(ran.message == QStringLiteral("Done: optimize x.onnx"));
  CHECK(ran.run.notes() == QStringList{QStringLiteral("kept")});
  CHECK(ran.run.fraction() == 0.25);
  CHECK(ran.run.phase() == QStringLiteral("search"));
}

TEST_CASE("What went wrong is the program's own line", "[gui]") {
  Ran bad;
  bad.start(QStringLiteral("echo 'ridgeline: x.onnx: no such file' >&2; exit 3"));
  bad.finish();
  CHECK(bad.status == 3);
  CHECK(bad.message == QStringLiteral("x.onnx: no such file"));
  Ran unmet;
  unmet.start(QStringLiteral("exit 1"));
  unmet.finish();
  CHECK(unmet.message.contains(QStringLiteral("a constraint is not met")));
  Ran crashed;
  crashed.start(QStringLiteral("kill -SEGV $$"));
  crashed.finish();
  CHECK(crashed.status == 70);
  CHECK(crashed.message.contains(QStringLiteral("crashed")));
}

TEST_CASE("A run is stopped, first politely", "[gui]") {
  Ran ran;
  ran.start(QStringLiteral("trap 'echo \\'{\"phase\":\"tidy\"}\\' >&2; exit 130' TERM; while :; do sleep 0.05; done"));
  REQUIRE(waitUntil([&] { return ran.run.running(); }));
  ran.run.cancel();
  ran.run.cancel();
  ran.finish();
  CHECK(ran.status == 130);
  CHECK_FALSE(ran.run.running());
}

TEST_CASE("A program that is not there is a message", "[gui]") {
  Ran ran;
  ran.run.start(QString(), {}, QStringLiteral("record"));
  CHECK(ran.status == 4);
  Ran other;
  other.run.start(QStringLiteral("/nonexistent/ridgeline"), {}, QStringLiteral("record"));
  other.finish();
  CHECK(other.status == 4);
}

TEST_CASE("Options become arguments", "[gui]") {
  OptimizeOptions o;
  o.model = QStringLiteral("a.onnx");
  o.output = QStringLiteral("b.onnx");
  o.shapes = {QStringLiteral("x=1x3")};
  o.maxLatency = QStringLiteral("5ms");
  o.minCosine = 0.995;
  o.exact = true;
  o.threads = 2;
  CHECK(argumentsOf(o).join(QLatin1Char(' ')) ==
        QStringLiteral("optimize a.onnx -o b.onnx --shape x=1x3 --max-latency 5ms --min-cosine 0.995 --exact --threads "
                       "2 --progress json"));
  CHECK(argumentsOfCommand(QStringLiteral("python3 \"my file.py\" -x"), QStringLiteral("p.ridge")) ==
        QStringList{"record", "-o", "p.ridge", "--progress", "json", "--", "python3", "my file.py", "-x"});
  CHECK(argumentsOfCommand(QStringLiteral("python3 \"my"), QStringLiteral("p.ridge")).isEmpty());
  CHECK(argumentsOfCommand({}, QStringLiteral("p.ridge")).isEmpty());
}
