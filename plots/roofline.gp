# SPDX-License-Identifier: Apache-2.0
# Operators under the roofs of a chip. Data: block 0 datasheet roof, block 1 reached roof (intensity, TFLOP/s); block 2 points:
# intensity, TFLOP/s, size, label x, label y, text. ARG5 title, ARG6 subtitle, ARG7 bandwidth label, ARG8 peak label,
# ARG9 reached label. Ranges and places of labels are in block 3: xmin xmax ymin ymax ridge peak.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
data = ARG3
read(c) = sprintf("stats data index 3 using %d nooutput", c)
eval read(1); xmin = STATS_min
eval read(2); xmax = STATS_min
eval read(3); ymin = STATS_min
eval read(4); ymax = STATS_min
eval read(5); ridge = STATS_min
eval read(6); peak = STATS_min
set logscale xy
set xrange [xmin:xmax]
set yrange [ymin:ymax]
set mxtics 10
set mytics 10
set grid xtics ytics mxtics mytics lc rgb "#e4e4e4" lw 1 dt 3, lc rgb "#f4f4f4" lw 1 dt 3
set format x "%g"
set format y "%g"
set xlabel "arithmetic intensity  (FLOP per byte of memory traffic)" textcolor rgb "#222222"
set ylabel "TFLOP/s" textcolor rgb "#222222"
set arrow 1 from ridge, graph 0 to ridge, peak nohead lc rgb "#777777" lw 3 dt 3
set label 1 sprintf("ridge\n%.0f FLOP/B", ridge) at ridge, graph 0.09 offset 0.8, 0 tc rgb "#666666" font "DejaVu Sans,18"
set label 2 ARG8 at graph 0.995, first peak right offset 0, 0.7 tc rgb "#666666" font "DejaVu Sans,18" noenhanced
angle = atan2(log10(ymax / ymin) ** -1 * 0.71 * 1080, log10(xmax / xmin) ** -1 * 0.78 * 1800) * 180 / pi
bw = peak / ridge
x0 = xmin * 2.2
# above the roof there are no points
set label 3 ARG7 at x0, x0 * bw offset 0, 0.9 rotate by angle tc rgb "#666666" font "DejaVu Sans,18" noenhanced
set label 4 ARG9 at x0, x0 * bw offset -0.9, 2.0 rotate by angle tc rgb "#0072B2" font "DejaVu Sans,18" noenhanced
if (text) plot ARG3 index 0 using 1:2 with lines lt 7, ARG3 index 2 using 1:2 with points pt "o", \
    ARG3 index 2 using 4:5:6 with labels left noenhanced
if (!text) plot ARG3 index 0 using 1:2 with lines lt 7, ARG3 index 1 using 1:2 with lines lt 1, \
    ARG3 index 4 using 1:2 with lines lc rgb "#bbbbbb" lw 2, \
    ARG3 index 2 using 1:2:3 with points pt 7 ps variable lc rgb "#D55E00", \
    ARG3 index 2 using 4:5:6 with labels left offset 0.6, 0 tc rgb "#222222" font "DejaVu Sans,18" noenhanced
