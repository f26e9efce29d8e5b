# SPDX-License-Identifier: Apache-2.0
# How many sequences fit, by context: a line a chip, room below it. Data: block i: context batch; last block: x, y, height of the
# label, name, line type. ARG5 title, ARG6 subtitle, ARG7 chips, ARG8 xmin xmax ymax.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
chips = int(ARG7); xmin = real(word(ARG8, 1)); xmax = real(word(ARG8, 2)); ymax = real(word(ARG8, 3))
set logscale x 2
set logscale y 2
set xrange [xmin:xmax * (text ? 1.4 : 1.05)]
set yrange [1:ymax]
set xlabel "context  (tokens)" textcolor rgb "#222222"
set ylabel "most sequences that fit  (batch)" textcolor rgb "#222222"
thousands(x) = x >= 1024 ? sprintf("%gk", x / 1024) : sprintf("%g", x)
set xtics ()
x = xmin
while (x <= xmax) { set xtics add (thousands(x) x); x = x * 2 }
set format y "%g"
if (text) plot for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:3:4 with labels left offset 1, 0 noenhanced
if (!text) plot for [i = 0:chips - 1] ARG3 index i using 1:2 with filledcurves y1=1 fc rgbcolor colour_of(i) fs transparent solid 0.07 noborder, \
    for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:3:4:5 with labels left offset 1.4, 0 tc variable font "DejaVu Sans,22" noenhanced
