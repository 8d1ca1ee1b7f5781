using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.HubSpot;

namespace Connectors.Tests.HubSpot;

public sealed class When_the_README_is_read
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Folder(), "../../../Connectors/HubSpot/README.md"));

    [Test]
    public void Should_list_the_endpoints_of_the_descriptor_and_no_other()
        => Assert.That(
            Readme.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains(" | v", StringComparison.Ordinal)),
            Is.EqualTo(HubSpotDescriptor.Instance.Endpoints.Select(static e => $"| `{e.Method} {e.Path}` | {e.ApiVersion} |")));

    [Test]
    public void Should_state_the_limits_of_every_operation()
    {
        foreach (var (operation, limits) in HubSpotDescriptor.Instance.Operations)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"| `{operation}` | {limits.MaxRecords:N0} | ");
            Assert.That(Readme, Does.Contain(line));
        }
    }

    [Test]
    public void Should_explain_every_setting()
        => Assert.That(HubSpotDescriptor.Instance.Settings.Select(static s => $"`{s.Name}`").Where(static s => !Readme.Contains(s, StringComparison.Ordinal)), Is.Empty);

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
