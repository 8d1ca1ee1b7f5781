using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;

namespace Connectors.Tests.Braze;

public sealed partial class When_the_README_is_read
{
    private static readonly string Readme = Read("Braze");

    [Test]
    public void Should_list_the_endpoints_of_the_descriptor_and_no_other()
        => Assert.That(
            Readme.Split('\n').Where(line => line.StartsWith("| `POST", StringComparison.Ordinal) || line.StartsWith("| `GET", StringComparison.Ordinal)),
            Is.EqualTo(BrazeDescriptor.Instance.Endpoints.Select(endpoint => $"| `{endpoint.Method} {endpoint.Path}` | {endpoint.Documentation} |")));

    [Test]
    public void Should_state_the_limits_of_every_operation()
        => Assert.That(BrazeDescriptor.Instance.Operations, Has.All.Matches<KeyValuePair<Operation, OperationLimits>>(
            operation => Readme.Contains($"| `{operation.Key}` | {operation.Value.MaxRecords} | ", StringComparison.Ordinal)));

    [Test]
    public void Should_say_of_every_operation_whether_a_repeat_is_harmless()
        => Assert.That(BrazeDescriptor.Instance.Operations, Has.All.Matches<KeyValuePair<Operation, OperationLimits>>(operation => Readme.Split('\n')
            .Single(line => line.StartsWith($"| `{operation.Key}` |", StringComparison.Ordinal))
            .Split('|')[4].Trim().StartsWith(operation.Value.RepeatIsHarmless ? "yes" : "**no**", StringComparison.Ordinal)));

    [Test]
    public void Should_state_every_rate_limit()
        => Assert.That(BrazeDescriptor.Instance.RateLimits, Has.All.Matches<RateLimit>(
            limit => Readme.Contains($"| `{limit!.Name}` | {limit.Calls} per {limit.Window.TotalSeconds} s |", StringComparison.Ordinal)));

    [Test]
    public void Should_name_the_permission_of_every_endpoint()
    {
        Assert.That(BrazePermissions.Needed.Keys, Is.EquivalentTo(BrazeDescriptor.Instance.Endpoints));
        Assert.That(BrazePermissions.Needed.Values.Where(permission => Readme.Split('\n').Any(row => row.StartsWith($"| `{permission}` | ", StringComparison.Ordinal) && row.Contains("**not proven**"))), Is.EquivalentTo(BrazeDescriptor.Instance.PermissionsNotProven));
        Assert.That(BrazePermissions.Needed.Values.Where(permission => !Readme.Contains($"| `{permission}` | ", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Should_explain_every_setting()
        => Assert.That(BrazeDescriptor.Instance.Settings.Select(setting => $"`{setting.Name}`").Where(name => !Readme.Contains(name, StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Should_name_only_tests_that_exist()
    {
        var tests = typeof(When_the_README_is_read).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name).ToHashSet();
        var named = TestName().Matches(Read("Sandbox")).Select(match => match.Value).ToArray();
        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(name => !tests.Contains(name)), Is.Empty);
    }

    private static string Read(string folder, [CallerFilePath] string here = "")
        => File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../Connectors", folder, "README.md"));

    [GeneratedRegex(@"\bShould_\w+")]
    private static partial Regex TestName();
}
