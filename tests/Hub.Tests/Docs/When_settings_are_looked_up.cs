using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>Every setting of the process stands in the reference, with what the code says of it: its docstring, its range and the value that it has when nobody sets it.</summary>
public sealed partial class When_settings_are_looked_up
{
    private const string Introduction = """
        # Settings of a hub

        Made from the code by a test; what stands here is what the code does. A setting is given as an argument (`--Hub:Bus=RabbitMq`) or as a variable of the environment, with two underscores for each colon (`Hub__Bus=RabbitMq`);
        the argument wins. Times are written `[days.]hours:minutes:seconds`, as `00:00:15` or `90.00:00:00`. A value out of its range ends the start with a sentence that names it. What is configured about destinations, audiences,
        consent and the rest stands in files: the [README](../../../README.md) lists them, each has a JSON Schema.

        Beside these: `Hub:Destinations:{name}:BaseUrl` sets another base URL for a destination. `HUB_API_KEY` holds the API key, of a hub that is called and of the verbs that call; `HUB_URL` says which hub verbs call.
        `OTEL_EXPORTER_OTLP_ENDPOINT` says where traces and metrics are sent; without it they stay.
        """;

    /// <summary>Sections with the type that each is read into.</summary>
    private static readonly (string Section, Type Options)[] _sections =
    [
        ("Hub", typeof(HubOptions)), ("Hub:Config", typeof(ConfigOptions)), ("Hub:Encryption", typeof(EncryptionOptions)), ("Hub:BrokerTls", typeof(BrokerTlsOptions)), ("Hub:Delivery", typeof(DeliveryOptions)), ("Hub:DeadLetters", typeof(LetterOptions)), ("Hub:OptOuts", typeof(OptOutOptions)), ("Hub:Limits", typeof(LimitOptions)), ("Hub:Retention", typeof(RetentionOptions)), ("Hub:Watch", typeof(WatchOptions)), ("Hub:Oidc", typeof(OidcOptions)),
    ];

    private static readonly string _hub = Path.Combine(Runbook.Root(), "Hub");

    [Test]
    public void Should_be_what_the_code_says() => ReferencePage.ShouldBe("settings", _sections.Aggregate(new StringBuilder(Introduction).AppendLine(), (page, section) => Write(page, section.Section, section.Options)).ToString());

    [Test]
    public void Should_leave_out_no_section() => Assert.That(
        Directory.GetFiles(_hub, "*.cs", SearchOption.AllDirectories).SelectMany(file => Bound().Matches(File.ReadAllText(file)).Select(bound => bound.Groups[1].Value)).Append("Hub").Append("Hub:Oidc").Append("Hub:Config").Append("Hub:Encryption").Append("Hub:BrokerTls").Distinct(),
        Is.EquivalentTo(_sections.Select(section => section.Section)));

    private static StringBuilder Write(StringBuilder page, string section, Type options)
    {
        var source = File.ReadAllText(Directory.GetFiles(_hub, $"{options.Name}.cs", SearchOption.AllDirectories).Single());
        var made = Activator.CreateInstance(options);
        page.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## `{section}`").AppendLine(Said(SummaryOfType().Match(source).Groups[1].Value)).AppendLine().AppendLine("| Setting | Default | Range | Meaning |").AppendLine("|---|---|---|---|");
        foreach (var setting in options.GetProperties().Where(property => property.SetMethod is { IsPublic: true }).OrderBy(property => source.IndexOf($" {property.Name} {{", StringComparison.Ordinal)))
        {
            var summary = Summaries().Matches(source).SingleOrDefault(match => match.Groups[2].Value == setting.Name)?.Groups[1].Value;
            Assert.That(summary, Is.Not.Null.And.Not.Empty, $"{section}:{setting.Name} has a docstring");
            page.AppendLine(CultureInfo.InvariantCulture, $"| `{section}:{setting.Name}` | {Written(setting.GetValue(made))} | {RangeOf(setting)} | {ReferencePage.Cell(Said(summary!))} |");
        }

        return page;
    }

    private static string Written(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "`true`" : "`false`",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string RangeOf(PropertyInfo setting) => setting switch
    {
        _ when setting.GetCustomAttribute<System.ComponentModel.DataAnnotations.RangeAttribute>() is { } range => $"{range.Minimum} to {range.Maximum}",
        { PropertyType: { IsEnum: true } kind } => string.Join(", ", Enum.GetNames(kind)),
        { PropertyType: var kind } when kind == typeof(bool) => "true, false",
        { PropertyType: var kind } when kind == typeof(TimeSpan) => "a time",
        _ when setting.GetCustomAttribute<RequiredAttribute>() is not null => "not empty",
        _ => "any",
    };

    /// <summary>A docstring as Markdown.</summary>
    private static string Said(string docstring) => Spaces().Replace(Code().Replace(Reference().Replace(Slashes().Replace(docstring, " "), name => $"`{name.Groups[1].Value.Split('.')[^1]}`"), "`$1`"), " ").Trim();

    [GeneratedRegex("BindConfiguration\\(\"([A-Za-z:]+)\"\\)")]
    private static partial Regex Bound();

    [GeneratedRegex(@"<summary>((?:(?!</summary>)[\s\S])*)</summary>\s*(?:///[^\n]*\s*|\[[^\n]*\]\s*)*internal sealed")]
    private static partial Regex SummaryOfType();

    [GeneratedRegex(@"<summary>((?:(?!</summary>)[\s\S])*)</summary>\s*(?:\[[^\n]*\]\s*)*public [\w.<>?]+ (\w+) \{ get; set; \}")]
    private static partial Regex Summaries();

    [GeneratedRegex(@"\n\s*///")]
    private static partial Regex Slashes();

    [GeneratedRegex("<see cref=\"([^\"]+)\" ?/>")]
    private static partial Regex Reference();

    [GeneratedRegex(@"<c>([^<]*)</c>")]
    private static partial Regex Code();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
