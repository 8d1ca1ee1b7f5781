using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using Microsoft.Extensions.DependencyInjection;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_a_marketo_destination_is_set_up
{
    private static readonly AudienceRequest Spring = new("spring", "Hub: spring");

    [Test]
    public void Should_be_found_by_its_name() =>
        Assert.That(new ServiceCollection().AddMarketo().BuildServiceProvider().GetRequiredService<IConnectorFactory>().Descriptor.Name, Is.EqualTo("marketo"));

    [Test]
    public void Should_name_every_error_with_its_fix()
    {
        using var marketo = new ScriptedMarketo();
        marketo.Secrets.Remove("client_id");
        var errors = MarketoOptions.Validate(marketo.Settings("id", ("folder_id", "-3"), ("folder_type", "Drawer"), ("partition_name", " "), ("event_id_attribute", "a b"), ("calls_per_day", "0"), ("import_from", "50001"), ("foldr", "1")) with { BaseUrl = new Uri("ftp://a.test") });
        Assert.That(errors.Select(error => error.Setting), Is.EquivalentTo(new[] { "base_url", "identity_key", "client_id", "folder_id", "folder_type", "partition_name", "event_id_attribute", "calls_per_day", "import_from", "foldr" }));
        Assert.That(errors, Has.All.Matches<SettingError>(error => error!.Problem.Length > 0 && error.Fix.Length > 0));
    }

    [Test]
    public async Task Should_take_a_given_list_that_is_there()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":77,"name":"whatever"}""");
        Assert.That((await marketo.Connect().EnsureAudienceAsync(Spring with { RemoteId = "77" }, default)).Target, Is.EqualTo(new AudienceTarget("spring", "77")));
        Assert.That((await marketo.Connect().EnsureAudienceAsync(Spring with { RemoteId = "seventy" }, default)).Condition?.Code, Is.EqualTo("list_id_not_a_number"));
        Assert.That(marketo.Sent[^1], Does.StartWith("GET https://123-abc-456.mktorest.com/rest/v1/lists.json?id=77\n"));
    }

    [Test]
    public async Task Should_take_the_oldest_list_of_exactly_the_name()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":9,"name":"Hub: spring"}""", """{"id":7,"name":"Hub: spring"}""", """{"id":3,"name":"Hub: spring sale"}""");
        Assert.That((await marketo.Connect().EnsureAudienceAsync(Spring, default)).Target?.RemoteRef, Is.EqualTo("7"));
    }

    [Test]
    public async Task Should_say_that_a_missing_list_needs_a_folder()
    {
        using var marketo = new ScriptedMarketo().Rows();
        Assert.That(
            (await marketo.Connect().EnsureAudienceAsync(Spring, default)).Condition,
            Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "list_missing_and_no_folder_id")));
    }

    [Test]
    public async Task Should_take_the_list_that_somebody_else_created_meanwhile()
    {
        using var marketo = new ScriptedMarketo().Rows().Fail("709").Rows("""{"id":9,"name":"Hub: spring"}""");
        Assert.That((await marketo.Connect("email", ("folder_id", "1001")).EnsureAudienceAsync(Spring, default)).Target?.RemoteRef, Is.EqualTo("9"));
    }

    [TestCase("710", DestinationTrouble.Misconfigured)]
    [TestCase("606", DestinationTrouble.Throttled)]
    [TestCase("1014", DestinationTrouble.Unavailable)]
    [TestCase("701", DestinationTrouble.Misconfigured)]
    public async Task Should_say_why_a_list_cannot_be_created(string code, DestinationTrouble trouble)
    {
        using var marketo = new ScriptedMarketo().Rows().Fail(code).Rows();
        var condition = (await marketo.Connect("email", ("folder_id", "1001")).EnsureAudienceAsync(Spring, default)).Condition;
        Assert.That((condition?.Trouble, condition?.Code), Is.EqualTo((trouble, $"marketo_{code}")));
    }

    [Test]
    public async Task Should_say_that_the_key_cannot_be_looked_up()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"searchableFields":[["email"],["hubExternalId","city"]],"fields":[]}""");
        Assert.That((await marketo.Connect("hubExternalId").CheckAsync(default))?.Code, Is.EqualTo("identity_key_not_searchable"));
    }

    [Test]
    public void Should_be_described_in_the_README_as_the_descriptor_says()
    {
        var readme = File.ReadAllText(Path.Combine(Folder(), "../../../Connectors/Marketo/README.md"));
        Assert.That(readme.Split("<!-- descriptor -->\n")[1].Split("<!-- /descriptor -->")[0], Is.EqualTo(Table()), Table());
    }

    private static string Table()
    {
        var table = new StringBuilder("| Operation | Records per call | Bytes per call | Repeating it |\n|---|---|---|---|\n");
        foreach (var (operation, limits) in MarketoDescriptor.Value.Operations)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {operation} | {limits.MaxRecords} | {limits.MaxBytes} | {(limits.RepeatIsHarmless ? "is harmless" : "doubles it")} |\n");
        }

        table.Append("\n| In bulk | Records per job | From | Bytes | Looked at every |\n|---|---|---|---|---|\n");
        foreach (var (operation, limits) in MarketoImports.Operations(MarketoImports.WorthwhileFrom, isForSpeed: true))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {operation} | {limits.MaxRecords} | {limits.MinRecords} | {limits.MaxBytes} | {limits.PollInterval} |\n");
        }

        table.Append("\n| Budget | Calls | Window | Shared by |\n|---|---|---|---|\n");
        foreach (var limit in MarketoDescriptor.Value.RateLimits)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {limit.Name} | {limit.Calls} | {limit.Window} | {Counted(limit)} | {limit.Scope} |\n");
        }

        table.Append("\n| Setting | Secret | Required | Default | What for |\n|---|---|---|---|---|\n");
        foreach (var setting in MarketoDescriptor.Value.Settings)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {setting.Name} | {YesNo(setting.Secret)} | {YesNo(setting.Required)} | {setting.Default} | {setting.Description} |\n");
        }

        table.Append("\n| Endpoint | Version | Page |\n|---|---|---|\n");
        foreach (var endpoint in MarketoDescriptor.Value.Endpoints)
        {
            var page = Path.GetFileNameWithoutExtension(endpoint.Documentation.AbsolutePath);
            table.Append(CultureInfo.InvariantCulture, $"| `{endpoint.Method} {endpoint.Path}` | {endpoint.ApiVersion} | [{page}]({endpoint.Documentation}) |\n");
        }

        return table.ToString();
    }

    private static string Counted(RateLimit limit) => limit.Kind == RateWindow.Day ? $"by day, {limit.ResetZone}" : limit.Kind.ToString().ToLowerInvariant();

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
