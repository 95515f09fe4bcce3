#include "tests/soak/weather.h"

#include "tests/support/stress.h"

namespace soak {

void play_grove(stage& at);
void play_sleepers(stage& at);
void play_tasks(stage& at);
void play_producers(stage& at);
void play_limits(stage& at);
void play_joins(stage& at);
void play_conditions(stage& at);
void play_notify(stage& at);
void play_futures(stage& at);
void play_deadlines(stage& at);
void play_callbacks(stage& at);
void play_crowd(stage& at);
void play_abandon(stage& at);
void play_snapshots(stage& at);
void play_struck(stage& at);

const std::vector<scene>& all_scenes() {
  static const std::vector<scene> all{
      {"grove", &play_grove},           {"sleepers", &play_sleepers},   {"tasks", &play_tasks},
      {"producers", &play_producers},   {"limits", &play_limits},       {"joins", &play_joins},
      {"conditions", &play_conditions}, {"notify", &play_notify},       {"futures", &play_futures},
      {"deadlines", &play_deadlines},   {"callbacks", &play_callbacks}, {"crowd", &play_crowd},
      {"abandon", &play_abandon},       {"snapshots", &play_snapshots}, {"struck", &play_struck},
  };
  return all;
}

weather weather_of(std::uint64_t phase) {
  constexpr std::uint64_t weather_stream = 99;
  tg_test::random_source random(stream_of(phase, weather_stream));
  weather out;
  out.length = std::chrono::milliseconds(1'000 + random.below(3'000));
  out.actors = 2 + random.below(7);
  out.depth = 1 + (random.one_in(3) ? random.below(150) : random.below(6));
  out.crowd = 10 + random.below(random.one_in(3) ? 1'500 : 100);
  out.records = random.one_in(2);
  out.strikes = random.one_in(2);
  out.between_strikes = std::chrono::microseconds(50 + random.below(1'000));
  out.storm = random.one_in(4);
  if (phase % 4 == 0) {
    out.scenes = all_scenes();
  } else {
    for (std::size_t count = 1 + random.below(5); count != 0; --count) {
      out.scenes.push_back(all_scenes()[random.below(all_scenes().size())]);
    }
  }
  return out;
}

}  // namespace soak
