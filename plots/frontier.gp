# SPDX-License-Identifier: Apache-2.0
# Throughput of a GPU against speed for a user, a line a chip. Data: block i: tokens/s/user, tokens/s/GPU; last block: x, y,
# name, line type of a label. ARG5 title, ARG6 subtitle, ARG7 chips, ARG8 SLO in tokens/s/user or 0, ARG9 right, bottom, top.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
chips = int(ARG7); slo = real(ARG8); right = real(word(ARG9, 1))
set xrange [0:right]
set logscale y
set yrange [real(word(ARG9, 2)):real(word(ARG9, 3))]
set xlabel "speed for a user  (tokens/s/user)" textcolor rgb "#222222"
set ylabel "throughput  (tokens/s/GPU)" textcolor rgb "#222222"
if (slo > 0 && slo < right) {
    set object 1 rect from graph 0, graph 0 to first slo, graph 1 fc rgb "#FBEBE4" fs solid noborder behind
    set arrow 1 from first slo, graph 0 to first slo, graph 1 nohead lc rgb "#D55E00" lw 3 dt 2
    set label 1 sprintf("SLO: %.0f tokens/s/user", slo) at first slo, graph 0.04 offset 0.6, 0 tc rgb "#99440a" font "DejaVu Sans,18"
}
if (text) plot for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:2:3 with labels right noenhanced
if (!text) plot for [i = 0:chips - 1] ARG3 index i using 1:2 with linespoints lt i + 1, \
    ARG3 index chips using 1:2:3:4 with labels right tc variable font "DejaVu Sans,22" noenhanced
