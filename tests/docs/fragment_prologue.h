// What README's fragments may take for granted.
#pragma once

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

struct user {};
std::vector<user>& users();
bool is_valid(const user& each);
bool found_in(int part);
void scan(int row);
void poll_once();
void library_call_that_takes(std::stop_token stop);
