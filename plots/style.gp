# SPDX-License-Identifier: Apache-2.0
# Common style. Expects kind (the terminal), output_file, finding and setting (title and subtitle). Colours: Okabe and Ito,
# reordered, safe for colour-blind readers.
if (kind eq "pngcairo") set terminal pngcairo size 1800,1080 font "DejaVu Sans,22" enhanced background rgb "white"
if (kind eq "svg") set terminal svg size 1800,1080 font "DejaVu Sans,22" enhanced background rgb "white"
if (kind eq "dumb") set terminal dumb nofeed size 100,32 noenhanced
text = kind eq "dumb"
if (!text) set output output_file

point = kind eq "svg" ? 0.6 : 1 # of that terminal they are larger
set linetype 1 lc rgb "#0072B2" lw 5 pt 7 ps 1.6 * point
set linetype 2 lc rgb "#D55E00" lw 5 pt 5 ps 1.6 * point
set linetype 3 lc rgb "#009E73" lw 5 pt 9 ps 1.8 * point
set linetype 4 lc rgb "#CC79A7" lw 5 pt 13 ps 1.9 * point
set linetype 5 lc rgb "#E69F00" lw 5 pt 11 ps 1.8 * point
set linetype 6 lc rgb "#56B4E9" lw 5 pt 15 ps 1.8 * point
set linetype 7 lc rgb "#222222" lw 5 pt 3 ps 1.6 * point
set linetype 8 lc rgb "#999999" lw 5 pt 2 ps 1.6 * point
set linetype cycle 8

set border 3 lc rgb "#666666" lw 2
set tics nomirror out scale 0.6 textcolor rgb "#222222"
set grid xtics ytics lc rgb "#cccccc" lw 1.5 dt 3
set key off
if (!text) set lmargin at screen 0.105
if (!text) set rmargin at screen 0.885
if (!text) set tmargin at screen 0.845
if (!text) set bmargin at screen 0.135
if (text) set title finding noenhanced
if (!text) set label 100 finding at screen 0.105,0.93 font "DejaVu Sans Bold,26" tc rgb "#222222" noenhanced
if (!text) set label 101 setting at screen 0.105,0.882 font "DejaVu Sans,20" tc rgb "#666666" noenhanced
palette_of = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #222222 #999999"
colour_of(i) = word(palette_of, i % 8 + 1)
