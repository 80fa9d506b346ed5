// RUN: checks=array-of-structs

#include <cstdio>
#include <vector>

struct Bodies {
  std::vector<double> mass, x;
};

struct Point {
  double x, y;
};

// Owns what it holds: not data to be laid out in another way.
struct Volume {
  int width = 3, height = 4;
  std::vector<double> voxels;
};

int main() {
  Bodies bodies{std::vector<double>(100, 1.0), std::vector<double>(100, 2.0)};
  double sum = 0;
  for (std::size_t i = 0; i < bodies.mass.size(); ++i) sum += bodies.mass[i];
  // Half of each element and more is used.
  std::vector<Point> points(100);
  for (std::size_t i = 0; i < points.size(); ++i) sum += points[i].x * points[i].y;
  std::vector<Volume> volumes(10);
  for (std::size_t i = 0; i < volumes.size(); ++i) sum += volumes[i].width;
  std::printf("%f\n", sum);
  return 0;
}
