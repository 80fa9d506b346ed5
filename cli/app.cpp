#include "cli/app.h"

#include "cli/commands/command.h"
#include "cli/console.h"
#include "cli/version.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

namespace ridgeline::cli {
namespace {

StopFlag& stopFlag() {
  static StopFlag flag;
  return flag;
}

// The first signal asks the work to stop at its next step; the second ends the program as the signal would have.
extern "C" void onSignal(int number) {
  stopFlag().request();
  std::signal(number, SIG_DFL);
}

void installSignals() {
  struct sigaction action {};
  action.sa_handler = onSignal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit then fails the write, which is reported
}

constexpr const char* kFooter = R"(
How it is used:
  ridgeline sample resnet50 -o resnet50.onnx               a network to try it on
  ridgeline record resnet50.onnx -o before.ridge           measure it
  ridgeline report before.ridge                            where the time goes, and what bounds it
  ridgeline optimize resnet50.onnx -o fast.onnx            make it faster, with proof

Exit status: 0 done; 1 the answer is no (a constraint is not met); 2 wrong usage; 3 bad input;
4 something this machine lacks; 130 interrupted; 70 a bug. `record -- COMMAND` has the status of the command.
`ridgeline VERB --help` explains a verb.)";

int complain(const Error& error) {
  if (error.code == ErrorCode::Negative) return exitStatus(error.code);
  auto line = error.text();
  for (auto& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::fprintf(stderr, "ridgeline: %s\n", line.c_str());
  return exitStatus(error.code);
}

int complainAboutUsage(const CLI::App& program, const CLI::ParseError& error) {
  std::string verb;
  for (const auto* sub : program.get_subcommands()) verb = " " + sub->get_name();
  std::fprintf(stderr, "ridgeline: %s; see 'ridgeline%s --help'\n", error.what(), verb.c_str());
  return exitStatus(ErrorCode::Usage);
}

struct Verb {
  std::string name;
  Action action;
};

int dispatch(CLI::App& program, const std::vector<Verb>& verbs, std::vector<std::string> tail) {
  Console console(stopFlag());
  console.setTail(std::move(tail));
  for (const auto& verb : verbs) {
    if (!program.got_subcommand(verb.name)) continue;
    auto done = verb.action(console);
    console.endProgress();
    return done ? console.exitStatus() : complain(done.error());
  }
  std::fputs(program.help().c_str(), stdout);
  return 0;
}

std::vector<Verb> declareVerbs(CLI::App& program) {
  return {{"import", declareImport(program)},     {"record", declareRecord(program)},
          {"report", declareReport(program)},     {"advise", declareAdvise(program)},
          {"optimize", declareOptimize(program)}, {"diff", declareDiff(program)},
          {"export", declareExport(program)},     {"check", declareCheck(program)},
          {"publish", declarePublish(program)},   {"history", declareHistory(program)},
          {"query", declareQuery(program)},       {"devices", declareDevices(program)},
          {"plugin", declarePlugin(program)},     {"sample", declareSample(program)},
          {"gui", declareGui(program)},           {"source", declareSource(program)},
          {"run-once", declareRunOnce(program)}};
}

// `record -- COMMAND ARGUMENT...`, `source FILE -- FLAG...`: everything behind the first "--" belongs to the command or
// the compiler, whatever it looks like.
int wordsOfOurs(int argc, char** argv) {
  const std::string_view verb = argc < 2 ? "" : argv[1];
  if (verb != "record" && verb != "source") return argc;
  return static_cast<int>(std::find(argv, argv + argc, std::string_view("--")) - argv);
}

int runChecked(int argc, char** argv) {
  CLI::App program("Profiles neural-network inference, says what bounds it, applies the fix, and proves it.",
                   "ridgeline");
  program.set_version_flag("--version", std::string("ridgeline ") + kVersion);
  program.footer(kFooter);
  program.get_formatter()->column_width(34);
  program.require_subcommand(0, 1);
  const auto verbs = declareVerbs(program);
  const int ours = wordsOfOurs(argc, argv);
  try {
    program.parse(ours, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(program.help().c_str(), stdout);
    return 0;
  } catch (const CLI::CallForAllHelp&) {
    std::fputs(program.help("", CLI::AppFormatMode::All).c_str(), stdout);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
    return 0;
  } catch (const CLI::ParseError& error) {
    return complainAboutUsage(program, error);
  }
  return dispatch(program, verbs, {argv + std::min(ours + 1, argc), argv + argc});
}

}  // namespace

int run(int argc, char** argv) {
  installSignals();
  try {
    return runChecked(argc, argv);
  } catch (const std::bad_alloc&) {
    return complain({ErrorCode::Unavailable, "not enough memory", "close other programs or use a smaller model"});
  } catch (const std::exception& e) {
    return complain({ErrorCode::Internal, fmt::format("a bug in ridgeline: {}", e.what()), "please report it"});
  }
}

}  // namespace ridgeline::cli
