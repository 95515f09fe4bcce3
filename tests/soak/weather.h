// What a phase is like; its seed alone decides it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace soak {

class stage;

// A scene makes groups, uses them, checks what became of them, and leaves nothing behind.
struct scene {
  const char* name;
  void (*play)(stage& at);
};

const std::vector<scene>& all_scenes();

struct weather {
  std::chrono::milliseconds length{0};
  std::size_t actors = 0;  // threads that play scenes
  std::size_t depth = 0;   // of the line of groups that scenes hang their own under
  std::size_t crowd = 0;   // groups that one crowd has at its height
  bool records = false;    // the recorder is switched on and off
  bool strikes = false;    // signals strike the actors
  std::chrono::microseconds between_strikes{0};
  bool storm = false;  // all events are set again and again: every scene has its own trees
  std::vector<scene> scenes;
};

// Every fourth phase has all scenes at once, the others a few of them.
weather weather_of(std::uint64_t phase);

// The random numbers of one thread of a phase.
constexpr std::uint64_t stream_of(std::uint64_t phase, std::uint64_t thread) {
  return phase * 100 + thread + 1;
}

}  // namespace soak
