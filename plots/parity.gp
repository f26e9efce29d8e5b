# SPDX-License-Identifier: Apache-2.0
# Predicted against measured, a block a family or chip. ARG5 title, ARG6 subtitle, ARG7 blocks, ARG8 range of both
# axes and their unit, ARG9 names of the blocks.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
blocks = int(ARG7); least = real(word(ARG8, 1)); most = real(word(ARG8, 2)); unit = word(ARG8, 3); names = ARG9
set logscale xy
set xrange [least:most]
set yrange [least:most]
set format x "%g"
set format y "%g"
set xlabel "measured  (" . unit . ")" textcolor rgb "#222222"
set ylabel "predicted  (" . unit . ")" textcolor rgb "#222222"
if (text) set key left top reverse Left
if (!text) set key at graph 0.02, graph 0.98 left top reverse Left samplen 1 spacing 1.25 textcolor rgb "#222222" noenhanced
size = text ? 1 : 0.5
if (text) { layer = "back" } else { layer = "front" }
set arrow 1 from least, least to most, most nohead lc rgb "#222222" lw 3 @layer
if (!text) set arrow 2 from least, least * 1.25 to most / 1.25, most nohead lc rgb "#666666" lw 2 dt 2 front
if (!text) set arrow 3 from least * 1.25, least to most, most / 1.25 nohead lc rgb "#666666" lw 2 dt 2 front
plot for [i = 0:blocks - 1] ARG3 index i using 1:2 with points lt i + 1 ps size title word(names, i + 1)
