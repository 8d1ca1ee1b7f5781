using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Connectors.Tests.Marketo;

public sealed partial class When_the_marketo_sandbox_README_is_read
{
    [Test]
    public void Should_name_tests_that_exist_and_all_of_them()
    {
        var named = Name().Matches(File.ReadAllText(Path.Combine(Folder(), "../../../Connectors/Sandbox/Marketo/README.md"))).Select(match => match.Groups[1].Value);
        var existing = new[]
            {
                typeof(When_the_marketo_sandbox_is_called), typeof(When_marketo_sandbox_budgets_are_used), typeof(When_marketo_sandbox_people_consent),
                typeof(When_marketo_sandbox_activities_are_kept), typeof(When_marketo_sandbox_imports_run),
                typeof(When_marketo_sandbox_programs_and_extracts_are_used),
            }
            .SelectMany(fixture => fixture.GetMethods()).Select(method => method.Name).Where(name => name.StartsWith("Should_", StringComparison.Ordinal));
        Assert.That(named, Is.EquivalentTo(existing));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex("`(Should_[A-Za-z0-9_]+)` \\|")]
    private static partial Regex Name();
}
