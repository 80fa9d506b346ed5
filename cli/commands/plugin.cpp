#include "cli/commands/command.h"
#include "cli/text/table.h"
#include "plugins/sdk/conformance/conformance.h"
#include "plugins/sdk/host/plugin_host.h"

#include <nlohmann/json.hpp>

namespace ridgeline::cli {
namespace {

using plugins::CheckOutcome;
using plugins::DeviceDescription;
using plugins::FoundPlugin;

Result<plugins::HostOptions> hostOptions(const std::vector<std::string>& given) {
  plugins::HostOptions options;
  for (const auto& text : given) {
    if (auto added = plugins::addOption(text, options); !added) return passOn(added);
  }
  return options;
}

// --- list ---

std::string deviceText(const DeviceDescription& device) {
  std::string out = fmt::format("    {:<12}{} ({})\n", "device " + device.id, device.name, device.kind);
  if (!device.unavailable.empty()) {
    const auto remedy = device.remedy.empty() ? "" : "; " + device.remedy;
    out += fmt::format("      {}\n", wrap("cannot be used: " + device.unavailable + remedy, 92, 6));
  }
  std::string counters;
  std::map<std::string, int> missing;  // by why, and what would help
  for (const auto& c : device.counters) {
    if (c.unavailable.empty()) {
      counters += (counters.empty() ? "" : ", ") + c.name;
    } else {
      ++missing[c.unavailable + (c.remedy.empty() ? "" : "; " + c.remedy)];
    }
  }
  if (!counters.empty()) out += fmt::format("      {}\n", wrap("counters: " + counters, 92, 8));
  for (const auto& [why, count] : missing) {
    out +=
        fmt::format("      {}\n",
                    wrap(fmt::format("{} {} not: {}", count, count == 1 ? "counter does" : "counters do", why), 92, 8));
  }
  return out;
}

std::string listText(const std::vector<FoundPlugin>& found) {
  std::string out;
  for (const auto& plugin : found) {
    if (!plugin.usable()) {
      out += fmt::format("  {}\n\n", wrap("left out: " + plugin.problem, 96, 4));
      continue;
    }
    const auto& d = plugin.description;
    out += fmt::format("  {} {}: {} ({}; ABI {})\n", d.name, d.version, d.description, d.vendor, d.abi);
    if (!d.noDevices.empty()) out += fmt::format("    {}\n", wrap("no device: " + d.noDevices, 94, 4));
    for (const auto& device : d.devices) out += deviceText(device);
    for (const auto& o : d.options) {
      const auto value = o.defaultValue.empty() ? "" : fmt::format(" (default {})", o.defaultValue);
      out +=
          fmt::format("    {}\n", wrap(fmt::format("option {}.{}: {}{}", d.name, o.name, o.description, value), 94, 6));
    }
    out += "\n";
  }
  return out.empty() ? "  no plugins\n" : out.substr(0, out.size() - 1);
}

nlohmann::ordered_json deviceJson(const DeviceDescription& device) {
  nlohmann::ordered_json j{{"id", device.id}, {"name", device.name}, {"kind", device.kind}, {"vendor", device.vendor}};
  j["properties"] = nlohmann::ordered_json::parse(device.properties, nullptr, false);
  j["memory_bytes"] = device.memoryBytes ? nlohmann::ordered_json(device.memoryBytes) : nlohmann::ordered_json();
  const auto why = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  j["unavailable"] = why(device.unavailable);
  j["remedy"] = why(device.remedy);
  j["counters"] = nlohmann::ordered_json::array();
  for (const auto& c : device.counters) {
    j["counters"].push_back({{"name", c.name},
                             {"unit", c.unit},
                             {"description", c.description},
                             {"unavailable", why(c.unavailable)},
                             {"remedy", why(c.remedy)}});
  }
  j["rewrites"] = nlohmann::ordered_json::array();
  for (const auto& r : device.rewrites) {
    j["rewrites"].push_back({{"rule", r.rule}, {"variant", r.variant}, {"pays", r.pays}, {"why", r.why}});
  }
  return j;
}

std::string listJson(const std::vector<FoundPlugin>& found) {
  nlohmann::ordered_json j{{"schema_version", 1}, {"plugins", nlohmann::ordered_json::array()}};
  for (const auto& plugin : found) {
    const auto& d = plugin.description;
    nlohmann::ordered_json p{{"library", plugin.library.filename().string()}};
    p["problem"] = plugin.usable() ? nlohmann::ordered_json() : nlohmann::ordered_json(plugin.problem);
    if (plugin.usable()) {
      p["name"] = d.name, p["version"] = d.version, p["vendor"] = d.vendor, p["description"] = d.description;
      p["abi"] = d.abi, p["collects"] = d.collects, p["injects"] = d.injects, p["measures_roofs"] = d.measuresRoofs;
      p["no_devices"] = d.noDevices.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(d.noDevices);
      p["devices"] = nlohmann::ordered_json::array();
      for (const auto& device : d.devices) p["devices"].push_back(deviceJson(device));
      p["options"] = nlohmann::ordered_json::array();
      for (const auto& o : d.options) {
        p["options"].push_back(
            {{"name", d.name + "." + o.name}, {"default", o.defaultValue}, {"description", o.description}});
      }
    }
    j["plugins"].push_back(std::move(p));
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string listMarkdown(const std::vector<FoundPlugin>& found) {
  Table table({{"plugin"}, {"version"}, {"devices"}, {"remark"}});
  for (const auto& plugin : found) {
    const auto& d = plugin.description;
    std::string devices;
    for (const auto& device : d.devices) devices += (devices.empty() ? "" : ", ") + device.name;
    if (plugin.usable()) {
      table.add({d.name, d.version, devices, d.noDevices});
    } else {
      table.add({plugin.library.filename().string(), "", "", "left out: " + plugin.problem});
    }
  }
  return table.markdown();
}

Status list(Console& console, const std::vector<std::string>& given, const OutputOptions& output) {
  auto options = hostOptions(given);
  if (!options) return passOn(options);
  auto found = plugins::PluginHost(std::move(*options)).find(console.job());
  if (!found) return passOn(found);
  if (output.format == Format::Json) return console.print(listJson(*found), output.file);
  if (output.format == Format::Markdown) return console.print(listMarkdown(*found), output.file);
  return console.print(listText(*found), output.file);
}

// --- test ---

const char* wordOf(CheckOutcome::Verdict verdict) {
  switch (verdict) {
    case CheckOutcome::Verdict::Passed:
      return "ok";
    case CheckOutcome::Verdict::Absent:
      return "--";
    case CheckOutcome::Verdict::Failed:
      break;
  }
  return "FAILED";
}

std::string testText(const std::string& library, const std::vector<CheckOutcome>& outcomes, size_t failed) {
  std::string out;
  for (const auto& o : outcomes) {
    const auto remark = o.verdict == CheckOutcome::Verdict::Absent ? " (it has no such function)"
                        : o.problem.empty()                        ? ""
                                                                   : ": " + o.problem;
    out += fmt::format("  {:<8}{}\n", wordOf(o.verdict), wrap(o.title + remark, 90, 10));
  }
  return out + (failed == 0 ? fmt::format("{} passes\n", library)
                            : fmt::format("{} fails {} of {} checks\n", library, failed, outcomes.size()));
}

std::string testJson(const std::string& library, const std::vector<CheckOutcome>& outcomes, size_t failed) {
  nlohmann::ordered_json j{{"schema_version", 1}, {"library", library}, {"passed", failed == 0}};
  j["checks"] = nlohmann::ordered_json::array();
  for (const auto& o : outcomes) {
    const char* verdict = o.verdict == CheckOutcome::Verdict::Passed   ? "passed"
                          : o.verdict == CheckOutcome::Verdict::Absent ? "absent"
                                                                       : "failed";
    j["checks"].push_back({{"check", o.title}, {"verdict", verdict}, {"problem", o.problem}});
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Status test(Console& console, const std::filesystem::path& library, const OutputOptions& output) {
  auto outcomes = plugins::testPlugin(library, console.job());
  if (!outcomes) return passOn(outcomes);
  size_t failed = 0;
  for (const auto& o : *outcomes) failed += o.verdict == CheckOutcome::Verdict::Failed;
  const auto name = library.filename().string();
  const auto text =
      output.format == Format::Json ? testJson(name, *outcomes, failed) : testText(name, *outcomes, failed);
  if (auto printed = console.print(text, output.file); !printed) return printed;
  return failed == 0 ? Status() : fail(ErrorCode::Negative, "");
}

}  // namespace

Action declarePlugin(CLI::App& program) {
  struct Arguments {
    CLI::App* list = nullptr;
    std::filesystem::path library;
    std::vector<std::string> options;
    OutputOptions listOutput, testOutput;
  };
  auto args = std::make_shared<Arguments>();
  auto* verb = program.add_subcommand("plugin", "List plugins, or test one");
  verb->require_subcommand(1);
  verb->footer("Plugins are looked for where RIDGELINE_PLUGIN_PATH says and where Ridgeline is installed.");
  args->list = verb->add_subcommand("list", "What plugins there are, their devices, counters and options");
  addPluginOptions(*args->list, args->options);
  addOutputOptions(*args->list, args->listOutput, true);
  auto* testVerb = verb->add_subcommand("test", "Whether a plugin does what it must");
  testVerb->footer("Every check runs in a process of its own. Exit status 1: the plugin fails one.");
  testVerb->add_option("LIBRARY", args->library, "The plugin's shared library")->required();
  addOutputOptions(*testVerb, args->testOutput, true);
  return [args](Console& console) -> Status {
    const bool listing = args->list->parsed();
    const auto& output = listing ? args->listOutput : args->testOutput;
    console.setProgress(output.progress);
    return listing ? list(console, args->options, output) : test(console, args->library, output);
  };
}

}  // namespace ridgeline::cli
