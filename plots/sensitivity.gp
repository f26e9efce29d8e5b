# SPDX-License-Identifier: Apache-2.0
# By how much TPOT falls for one per cent more of a property: bars, grouped by property. Data: a block a chip: x value text;
# then a block: x name. ARG5 title, ARG6 subtitle, ARG7 names of the chips, ARG8 groups, top of the axis, width of a bar.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
names = ARG7; groups = int(word(ARG8, 1)); top = real(word(ARG8, 2)); wide = real(word(ARG8, 3))
set xrange [-0.6:groups - 0.4]
set yrange [0:top]
set boxwidth wide absolute
unset grid
set grid ytics lc rgb "#dddddd" lw 1 dt 3
set xlabel "1 % more of ..." textcolor rgb "#222222"
set ylabel "TPOT falls by  (%)" textcolor rgb "#222222"
set xtics () noenhanced
small = text ? "" : "DejaVu Sans,20"
if (words(names) > 1) set key at graph 0.99, graph 0.99 right top Left reverse samplen 1.4 spacing 1.4 font small noenhanced
if (!text) set rmargin at screen 0.97
size = words(names) > 4 ? 12 : words(names) > 2 ? 15 : 19
plot for [i = 1:words(names)] ARG3 index i - 1 using 1:2 with boxes fs solid noborder lc rgb colour_of(i - 1) title word(names, i), \
    for [i = 1:words(names)] ARG3 index i - 1 using 1:2:3 with labels center offset 0, 0.6 tc rgb "#222222" font sprintf("DejaVu Sans,%d", size) noenhanced notitle, \
    ARG3 index words(names) using 1:(0):xtic(2) with dots lc rgb "#FFFFFF" notitle
