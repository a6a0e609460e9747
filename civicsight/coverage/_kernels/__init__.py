"""Compiled kernels of the viewshed: arrays in, arrays filled in place.

Kernels trust their input: `viewshed`, `raster` and `sightlines` check shapes and finiteness before
they call. Nothing here raises, allocates per camera or changes a global, so that any number of
threads may run side by side without the interpreter lock.

Rooms, from the lens to the raster:

`compile`   the two decorators, and a cache keyed by the text of all kernels
`apart`     a process that compiles what is not on disk, so that a stop need not wait; `compiler`
`views`     the arrays as named tuples: scene, ground, eyes, cells
`eyes`      poses to eyes; in frame or not, pixels per metre
`ground`    bilinear patches: heights, bounds, does the ground rise above a line
`sight`     one line of sight against everything, naming what blocks it
`envelope`  the nearest walls of a sector as an exact star polygon
`scan`      polygons to rows of bits
`shadow`    shadows of what is lower than the eye, or stands clear of the ground
`cells`     one eye: the bits of every cell it sees
`accumulate` bits to counts and best pixel densities, `footprints` walls to closed cells
`surfaces`  pieces of wall in the picture of a head; roofs as targets of the same rasters
"""
