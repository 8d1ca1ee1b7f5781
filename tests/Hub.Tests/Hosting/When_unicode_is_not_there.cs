using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub;

namespace Hub.Tests.Hosting;

/// <summary>The built hub with the runtimeconfig.json that is published with it.</summary>
public sealed class When_unicode_is_not_there
{
    private static readonly string _hub = typeof(Globalization).Assembly.Location;

    [Test]
    public async Task Should_refuse_to_start_and_say_what_to_do()
    {
        var (exitCode, error) = await RunAsync("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");

        Assert.That(exitCode, Is.EqualTo(3));
        Assert.That(error, Does.Contain("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT").And.Contains("ICU").And.Not.Contains("   at "));
    }

    [Test]
    public async Task Should_start_in_any_language_otherwise()
    {
        var (exitCode, error) = await RunAsync("LANG", "tr_TR.UTF-8");

        Assert.That(exitCode, Is.Zero, error);
    }

    [Test]
    public void Should_be_published_with_unicode()
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(_hub, "runtimeconfig.json")));
        var properties = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.That(properties.TryGetProperty("System.Globalization.Invariant", out var invariant) && invariant.GetBoolean(), Is.False);
    }

    [Test]
    public void Should_read_and_write_in_no_countrys_way()
    {
        var (culture, language) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        var (threads, languages) = (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

            Globalization.Begin();

            Assert.That(CultureInfo.CurrentCulture, Is.EqualTo(CultureInfo.InvariantCulture));
            Assert.That(CultureInfo.DefaultThreadCurrentCulture, Is.EqualTo(CultureInfo.InvariantCulture));
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, language);
            (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture) = (threads, languages);
        }
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string variable, string value)
    {
        var start = new ProcessStartInfo("dotnet", [_hub, "validate"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error + await output);
    }
}
