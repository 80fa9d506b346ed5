// RUN: checks=array-of-structs

#include <cstdio>
#include <vector>

namespace {

struct BodyArrays {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> z;
  std::vector<double> vx;
  std::vector<double> vy;
  std::vector<double> vz;
  std::vector<double> mass;
  std::vector<int> id;

  BodyArrays() = default;
  explicit BodyArrays(std::size_t n)
      : x(n), y(n), z(n), vx(n), vy(n), vz(n), mass(n), id(n) {}
  std::size_t size() const { return x.size(); }
  void resize(std::size_t n) {
    x.resize(n);
    y.resize(n);
    z.resize(n);
    vx.resize(n);
    vy.resize(n);
    vz.resize(n);
    mass.resize(n);
    id.resize(n);
  }
};

double totalMass(const BodyArrays& bodies) {
  double sum = 0;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    sum += bodies.mass[i];
    // CHECK-MESSAGES: the loop uses 8 of the 64 bytes of each element of 'bodies'
  }
  return sum;
}

void place(BodyArrays& bodies, int from, double step) {
  for (std::size_t i = from; i < bodies.size(); ++i) {
    bodies.x[i] = step * static_cast<double>(i);
    // CHECK-MESSAGES: the loop uses 28 of the 64 bytes of each element of 'bodies'
    bodies.vx[i] = -bodies.x[i];
    bodies.mass[i] = 1.0 + bodies.id[i - from];
  }
}

}  // namespace

int main() {
  BodyArrays bodies(1000);
  for (std::size_t i = 0; i < bodies.size(); ++i) bodies.id[i] = static_cast<int>(i % 7);
  // CHECK-MESSAGES: the loop uses 4 of the 64 bytes of each element of 'bodies'
  place(bodies, 1, 0.5);
  double x = 0;
  for (std::size_t i2 = 0; i2 < bodies.size(); ++i2) {
    // CHECK-MESSAGES: the loop uses 16 of the 64 bytes of each element of 'bodies'
    x += bodies.x[i2] + bodies.vx[i2] * 0.25;
  }
  std::printf("%.6f %.6f\n", totalMass(bodies), x);
  return 0;
}
