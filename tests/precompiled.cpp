// Carries the headers that are compiled once for all tests (cmake/folders.cmake).
namespace hhgrid::tests {}
