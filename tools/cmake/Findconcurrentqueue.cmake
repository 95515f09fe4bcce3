# Finds moodycamel's ConcurrentQueue, which is header only, wherever it was put:
#   <concurrentqueue/concurrentqueue.h>   as Debian's libconcurrentqueue-dev has it
#   <moodycamel/concurrentqueue.h>        as upstream installs it
# Makes the imported target concurrentqueue::concurrentqueue, whose folder has one of the two below it.
find_path(
  concurrentqueue_INCLUDE_DIR
  NAMES concurrentqueue/concurrentqueue.h moodycamel/concurrentqueue.h
  PATH_SUFFIXES concurrentqueue)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(concurrentqueue REQUIRED_VARS concurrentqueue_INCLUDE_DIR)
mark_as_advanced(concurrentqueue_INCLUDE_DIR)

if(concurrentqueue_FOUND AND NOT TARGET concurrentqueue::concurrentqueue)
  add_library(concurrentqueue::concurrentqueue INTERFACE IMPORTED)
  # The headers of an imported target are system headers: their warnings are not ours.
  set_target_properties(concurrentqueue::concurrentqueue PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                                                    "${concurrentqueue_INCLUDE_DIR}")
endif()
