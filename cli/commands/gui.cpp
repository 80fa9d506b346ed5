#include "cli/commands/command.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ridgeline::cli {
namespace {

// Beside this program, where it is built and installed together with it.
std::filesystem::path beside() {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  return ec ? std::filesystem::path() : self.parent_path() / "ridgeline-gui";
}

// Takes this process over, so that signals and the exit status are the window's own.
Status becomeWindow(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  std::string name = "ridgeline-gui";
  argv.push_back(name.data());
  auto copies = arguments;
  for (auto& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (const auto path = beside(); !path.empty()) execv(path.c_str(), argv.data());
  execvp(name.c_str(), argv.data());
  if (errno == ENOENT) {
    return unavailable("ridgeline-gui is neither beside ridgeline nor in the search path",
                       "build it with Qt 6 and Graphviz installed (RIDGELINE_GUI)");
  }
  return unavailable(fmt::format("cannot start ridgeline-gui: {}", std::strerror(errno)));
}

}  // namespace

Action declareGui(CLI::App& program) {
  struct Arguments {
    std::filesystem::path profile, compare, screenshots;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("gui", "Show a profile in a window");
  verb->footer("ridgeline-gui is a program of its own; `ridgeline-gui --help` lists all that it takes.");
  verb->add_option("PROFILE", args->profile, "A .ridge file; a model to record; a trace to import")->type_name("");
  verb->add_option("--compare", args->compare, "Compare with this profile")->type_name("FILE.ridge");
  verb->add_option("--screenshot", args->screenshots, "Render every page into this folder; needs no screen")
      ->type_name("DIR");
  return [args](Console&) -> Status {
    std::vector<std::string> arguments;
    if (!args->compare.empty()) arguments.insert(arguments.end(), {"--compare", args->compare.string()});
    if (!args->screenshots.empty()) arguments.insert(arguments.end(), {"--screenshot", args->screenshots.string()});
    if (!args->profile.empty()) arguments.insert(arguments.end(), {"--", args->profile.string()});
    return becomeWindow(arguments);
  };
}

}  // namespace ridgeline::cli
