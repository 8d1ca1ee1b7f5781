using System.Diagnostics;

namespace IntegrationHub.TestServers;

/// <summary>Prometheus' own checks of what it is to read.</summary>
public static class Promtool
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="input">What it reads from its standard input; null for nothing.</param>
    /// <param name="arguments">As <c>check</c>, <c>rules</c>, path.</param>
    /// <returns>Its exit code, and all that it said.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">It is not installed: Debian's package <c>prometheus</c> holds it.</exception>
    public static async Task<(int Ended, string Said)> RunAsync(string? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(await said));
    }
}
