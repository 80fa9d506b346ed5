// What the tests of the window share: an application without a screen, and profiles whose numbers are known.
#pragma once

#include "gui/models/document.h"
#include "profile/profile.h"

#include <QApplication>
#include <QByteArray>
#include <QStringList>
#include <filesystem>
#include <functional>
#include <string>

namespace ridgeline::tests {

// Made once, offscreen.
QApplication& application();

// Runs the event loop until it is so; false after a minute.
bool waitUntil(const std::function<bool()>& done);

// A folder of the test program, and files in it.
std::filesystem::path scratch(const std::string& name);

// A model on a CPU: 14 nodes that run as 12 operators, roofs, plain and observed runs, a timeline of two observed runs,
// advice, trials and a proof. Times of operators: conv1 10 ms (4 of them headroom), then 1 to 11 ms as below.
std::filesystem::path cpuProfile();
// A recording of an accelerator: a host thread and a stream, kernels with launches, no model.
std::filesystem::path gpuProfile();
// What `ridgeline import` makes of a PyTorch trace: two steps of 1 ms on one device, two kernels, copies, late
// launches.
std::filesystem::path traceProfile();
// A profile that holds nothing.
std::filesystem::path emptyProfile();

// Runs the built program; what it printed. It has to succeed.
QByteArray runRidgeline(const QStringList& arguments);

gui::DocumentPtr documentOf(const std::filesystem::path& path);

}  // namespace ridgeline::tests
