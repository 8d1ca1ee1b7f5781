using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Connectors.Tests.HubSpot;

public sealed partial class When_the_hubspot_sandbox_README_is_read
{
    [Test]
    public void Should_name_only_tests_that_there_are()
    {
        var readme = File.ReadAllText(Path.Combine(Folder(), "../../../Connectors/Sandbox/HubSpot/README.md"));
        var named = Name().Matches(readme).Select(static match => match.Groups[1].Value).ToList();
        var tests = typeof(When_the_hubspot_sandbox_README_is_read).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(When_the_hubspot_sandbox_README_is_read).Namespace)
            .SelectMany(static type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(static method => method.Name);

        Assert.That(named, Has.Count.GreaterThan(50));
        Assert.That(named, Is.SubsetOf(tests));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex("`(Should_[A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
