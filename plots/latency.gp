# SPDX-License-Identifier: Apache-2.0
# TPOT against batch, a line a chip with its 80 % band. Data: block i: batch tpot low high (ms); last block: x, TPOT, 0,
# height of the label, name, line type. ARG5 title, ARG6 subtitle, ARG7 chips, ARG8 xmin, xmax, top of the
# axis, SLO in ms or 0.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
chips = int(ARG7); xmin = real(word(ARG8, 1)); xmax = real(word(ARG8, 2)); top = real(word(ARG8, 3)); slo = real(word(ARG8, 4))
set logscale x 2
set xrange [xmin:xmax * (text ? 1.3 : 1.02)]
set xlabel "concurrent sequences (batch)" textcolor rgb "#222222"
set ylabel "time per output token  (ms)" textcolor rgb "#222222"
set yrange [0:top]
set format x "%g"
if (slo > 0 && slo < top) {
    set object 1 rect from graph 0, first slo to graph 1, first top fc rgb "#FBEBE4" fs solid noborder behind
    set arrow 1 from graph 0, first slo to graph 1, first slo nohead lc rgb "#D55E00" lw 3 dt 2
    set label 1 sprintf("SLO: %g ms", slo) at graph 0.012, first slo offset 0, 0.7 tc rgb "#99440a" font "DejaVu Sans,18"
}
if (text) plot for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:4:5 with labels left offset 1, 0 noenhanced
if (!text) plot for [i = 0:chips - 1] ARG3 index i using 1:3:4 with filledcurves fc rgbcolor colour_of(i) fs transparent solid 0.10 noborder, \
    for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:4:5:6 with labels left offset 1.4, 0 tc variable font "DejaVu Sans,22" noenhanced
