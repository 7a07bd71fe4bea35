-- Runs the script of sysbench that DISTDIAG_SCRIPT names, and adds two percentiles to each report.
--
-- By itself sysbench computes one percentile of each second, and then adds the second to its histogram of the whole run.
-- Emptied each second, that histogram gives any percentile of the second alone; what it is good for otherwise is what
-- sysbench prints at its end, which nobody reads.

require(os.getenv("DISTDIAG_SCRIPT"))

local ffi = require("ffi")

-- A sysbench that does not show its histogram reports as it always does.
local shown, histogram = pcall(function ()
   ffi.cdef[[
      extern char sb_latency_histogram[1];
      double sb_histogram_get_pct_cumulative(void *histogram, double percent);
      double sb_histogram_get_pct_checkpoint(void *histogram, double percent);
   ]]
   assert(ffi.C.sb_histogram_get_pct_cumulative and ffi.C.sb_histogram_get_pct_checkpoint)
   return ffi.cast("void *", ffi.C.sb_latency_histogram)
end)

if shown then
   function sysbench.hooks.report_intermediate(stat)
      local p50_ms = ffi.C.sb_histogram_get_pct_cumulative(histogram, 50)
      -- This one empties it.
      local p99_ms = ffi.C.sb_histogram_get_pct_checkpoint(histogram, 99)
      io.write(("p50: %4.2f p99: %4.2f "):format(p50_ms, p99_ms))
      sysbench.report_default(stat)
      io.flush()
   end
end
