// ridgeline-plugin-host VERB LIBRARY [ARGUMENT...]: loads one plugin, asks it one thing, answers on file descriptor 3.
// Its own program, so that a plugin's crash is the end of this and of nothing else. Not for users.
#include "plugins/sdk/conformance/conformance.h"
#include "plugins/sdk/host/helper_process.h"
#include "plugins/sdk/host/loaded_plugin.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

namespace {

using namespace ridgeline;
using namespace ridgeline::plugins;

StopFlag neverStopped;

void writeLine(std::string_view prefix, std::string_view text) {
  const auto line = fmt::format("{}{}\n", prefix, text);
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t n = ::write(kHelperAnswers, rest.data(), rest.size());
    if (n <= 0) ::_exit(70);
    rest.remove_prefix(static_cast<size_t>(n));
  }
}
void step(std::string_view name) { writeLine(kStepPrefix, name); }
void answer(std::string_view text) { writeLine(kAnswerPrefix, text); }

void answerProblem(const Error& error) {
  answer((error.code == ErrorCode::Usage ? "usage " : "problem ") + error.text());
}

struct Arguments {
  std::string verb, library;
  std::vector<std::string> rest, counters, optionsOf;
  OptionValues options;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> words(argv + 1, argv + argc);
  for (const auto& word : words) {
    const auto after = [&](std::string_view prefix) { return word.substr(prefix.size()); };
    if (word.starts_with("--option=")) {
      const auto text = after("--option=");
      arguments.options[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    } else if (word.starts_with("--option-of=")) {
      arguments.optionsOf.push_back(after("--option-of="));
    } else if (word.starts_with("--counter=")) {
      arguments.counters.push_back(after("--counter="));
    } else if (arguments.verb.empty()) {
      arguments.verb = word;
    } else if (arguments.library.empty()) {
      arguments.library = word;
    } else {
      arguments.rest.push_back(word);
    }
  }
  return arguments;
}

Status probeDevices(LoadedPlugin& plugin, PluginDescription& description) {
  step("devices");
  auto devices = plugin.devices();
  if (!devices) {
    // That there is no driver is an answer.
    if (devices.error().code != ErrorCode::Unavailable) return passOn(devices);
    description.noDevices = devices.error().text();
    return {};
  }
  description.devices = std::move(*devices);
  for (auto& device : description.devices) {
    step("counters");
    auto counters = plugin.counters(device.id);
    if (!counters) return passOn(counters);
    device.counters = std::move(*counters);
    step("rewrites");
    auto rewrites = plugin.rewrites(device.id);
    if (!rewrites) return passOn(rewrites);
    device.rewrites = std::move(*rewrites);
  }
  return {};
}

// The options of this plugin, now that its name is known.
OptionValues ownOptions(const Arguments& arguments, const std::string& name) {
  OptionValues own;
  for (const auto& text : arguments.optionsOf) {
    if (!text.starts_with(name + ".")) continue;
    const auto rest = text.substr(name.size() + 1);
    own[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
  }
  return own;
}

Result<PluginDescription> probe(const Arguments& arguments) {
  OptionValues options;
  {
    step("load");
    auto plugin = LoadedPlugin::load(arguments.library, {}, neverStopped);
    if (!plugin) return passOn(plugin);
    step("describe");
    auto description = plugin->describe();
    if (!description) return passOn(description);
    options = ownOptions(arguments, description->name);
    step("close");
    if (auto closed = plugin->unload(); !closed) return passOn(closed);
  }
  step("load");
  auto plugin = LoadedPlugin::load(arguments.library, options, neverStopped);
  if (!plugin) return passOn(plugin);
  step("describe");
  auto description = plugin->describe();
  if (!description) return description;
  if (auto done = probeDevices(*plugin, *description); !done) return passOn(done);
  description->messages = plugin->takeMessages();
  step("close");
  if (auto closed = plugin->unload(); !closed) return passOn(closed);
  return description;
}

Result<std::string> ask(const Arguments& arguments) {
  step("load");
  auto plugin = LoadedPlugin::load(arguments.library, arguments.options, neverStopped);
  if (!plugin) return passOn(plugin);
  if (arguments.verb == "roofs" && arguments.rest.size() == 2) {
    step("roofs");
    auto roofs = plugin->roofs(arguments.rest[0], std::atoi(arguments.rest[1].c_str()));
    if (!roofs) return passOn(roofs);
    return toJson(*roofs);
  }
  if (arguments.verb == "injection" && arguments.rest.size() == 1) {
    step("injection");
    auto variables = plugin->injection(arguments.rest[0], arguments.counters);
    if (!variables) return passOn(variables);
    return toJson(Injection{std::move(*variables), plugin->takeMessages()});
  }
  return internalError("ridgeline-plugin-host: unknown question " + arguments.verb);
}

int run(const Arguments& arguments) {
  if (arguments.verb == "check" && arguments.rest.size() == 1) {
    auto passed = runCheck(arguments.rest[0], arguments.library, step);
    passed ? answer(*passed ? "passed" : "absent") : answerProblem(passed.error());
    return 0;
  }
  if (arguments.verb == "probe") {
    auto description = probe(arguments);
    description ? answer(toJson(*description)) : answerProblem(description.error());
    return 0;
  }
  auto text = ask(arguments);
  text ? answer(*text) : answerProblem(text.error());
  step("unload");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody waits for the answer any more
  if (::fcntl(kHelperAnswers, F_GETFD) < 0) {
    std::fputs("ridgeline-plugin-host: asked by `ridgeline plugin`; there is nothing to run here\n", stderr);
    return 2;
  }
  return run(parse(argc, argv));
}
