#pragma once

namespace hhgrid::app {

/// Puts right what the process was started with, before anything is opened or written:
///  - whichever of the descriptors 0, 1 and 2 is closed becomes the null device, so that no data
///  file
///    takes its place and is written messages into;
///  - writing to a pipe that nobody reads is an error like any other, not the end of the process;
///  - the soft limit of open files becomes the hard one: a grid opens files in every partition.
void prepare_process();

}  // namespace hhgrid::app
