using System.Globalization;

namespace IntegrationHub.Benchmarks;

/// <summary>What a process of this machine holds in memory, in megabytes.</summary>
internal static class ProcessMemory
{
    /// <summary>Now.</summary>
    public static double ResidentMb(int process) => Read(process, "VmRSS:");

    /// <summary>At most, since it began.</summary>
    public static double PeakMb(int process) => Read(process, "VmHWM:");

    private static double Read(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024.0;
    }
}
