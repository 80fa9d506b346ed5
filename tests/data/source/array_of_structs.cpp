// RUN: checks=array-of-structs

#include <cstdio>
#include <vector>

namespace {

struct Body {
  double x, y, z;
  double vx, vy, vz;
  double mass;
  int id;
};

double totalMass(const std::vector<Body>& bodies) {
  double sum = 0;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    sum += bodies[i].mass;
    // CHECK-MESSAGES: the loop uses 8 of the 64 bytes of each element of 'bodies'
  }
  return sum;
}

void place(std::vector<Body>& bodies, int from, double step) {
  for (std::size_t i = from; i < bodies.size(); ++i) {
    Body& body = bodies[i];
    body.x = step * static_cast<double>(i);
    // CHECK-MESSAGES: the loop uses 28 of the 64 bytes of each element of 'bodies'
    body.vx = -body.x;
    body.mass = 1.0 + bodies[i - from].id;
  }
}

}  // namespace

int main() {
  std::vector<Body> bodies(1000);
  for (std::size_t i = 0; i < bodies.size(); ++i) bodies[i].id = static_cast<int>(i % 7);
  // CHECK-MESSAGES: the loop uses 4 of the 64 bytes of each element of 'bodies'
  place(bodies, 1, 0.5);
  double x = 0;
  for (const Body& b : bodies) {
    // CHECK-MESSAGES: the loop uses 16 of the 64 bytes of each element of 'bodies'
    x += b.x + b.vx * 0.25;
  }
  std::printf("%.6f %.6f\n", totalMass(bodies), x);
  return 0;
}
