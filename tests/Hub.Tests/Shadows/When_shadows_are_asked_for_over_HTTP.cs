using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Shadows;

/// <summary>From two sources that state the same to one that counts: as whoever moves from one to the other sees it.</summary>
public sealed partial class When_shadows_are_asked_for_over_HTTP
{
    private const string Before = "shadows:\n  cdp-b: { of: cdp-a }\nattributes:\n  occupation: { system_of_record: cdp-a }\n";
    private const string After = "shadows:\n  cdp-a: { of: cdp-b }\nattributes:\n  occupation: { system_of_record: cdp-a }\n";
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await WholeHub.StartAsync(StorageDatabase.Sqlite, async config =>
    {
        await File.WriteAllTextAsync(Path.Combine(config, "ownership.yaml"), Before);
        return [];
    });

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_tell_what_differs_and_what_changing_places_takes_over()
    {
        await SendAsync("cdp-a", 1, "c-1", "carpenter");
        await SendAsync("cdp-b", 1, "c-1", "Carpenter");
        await SendAsync("cdp-b", 2, "c-2", "gardener");

        var told = await _hub.Http.GetFromJsonAsync<JsonElement>("/v1/shadows/cdp-b");
        Assert.That(LastAt().Replace(told.GetRawText(), ""), Is.EqualTo("""{"source":"cdp-b","of":"cdp-a","people":2,"unknown":1,"attributes":[{"name":"occupation","only_counting":0,"only_shadow":1,"different":1,"equal":0}],"audiences":[]}"""));
        JsonElement shadow;
        do
        {
            shadow = (await _hub.Http.GetFromJsonAsync<JsonElement>("/v1/shadows")).GetProperty("items")[0]; // the first look begins it
            await _hub.Services.GetRequiredService<ShadowLook>().Work;
        }
        while (shadow.GetProperty("compared_at").ValueKind == JsonValueKind.Null);

        Assert.That((shadow.GetProperty("of").GetString(), shadow.GetProperty("comparison").GetRawText()), Is.EqualTo(("cdp-a", told.GetRawText())));
        var people = await _hub.Http.GetFromJsonAsync<JsonElement>("/v1/shadows/cdp-b/people?attribute=occupation");
        Assert.That(people.GetProperty("items")[0].GetRawText(), Does.EndWith("""
            "counting":"c…er","shadow":"C…er","difference":"case"}
            """.Trim()).And.Not.Contain("c-1"));
        var (status, revealed) = await PostAsync("/v1/shadows/cdp-b/people", new { attribute = "occupation", state = "only_shadow", reason = "looking at the move" });
        Assert.That((status, revealed.GetProperty("items")[0].GetProperty("key").GetString(), revealed.GetProperty("items")[0].GetProperty("shadow").GetString()), Is.EqualTo((200, "external_id:c-2", "gardener")));
        Assert.That((await PostAsync("/v1/shadows/cdp-b/people", new { attribute = "occupation" })).Body.GetProperty("field").GetString(), Is.EqualTo("reason"));
        Assert.That((await PostAsync("/v1/shadows/cdp-b/people", new { attribute = "occupation", audience = "customers", reason = "x" })).Status, Is.EqualTo(400));
        Assert.That((int)(await _hub.Http.GetAsync("/v1/shadows/cdp-a")).StatusCode, Is.EqualTo(404));
        var list = await _hub.Http.PostAsync("/v1/audiences/customers/snapshots?source=cdp-b", new StringContent("nothing\n", Encoding.UTF8, "text/csv"));
        Assert.That((int)list.StatusCode, Is.EqualTo(400), "read as every list is");

        var files = ConfigurationFiles.ReadFolder(Path.Combine(_hub.Folder, "config")).Texts.ToDictionary();
        files["ownership.yaml"] = After;
        var (planned, plan) = await PostAsync("/v1/config/versions/plan", new { files });
        Assert.That((planned, plan.GetProperty("cut_overs")[0].GetRawText()), Is.EqualTo((200, told.GetRawText())));
        Assert.That(plan.GetProperty("privacy").EnumerateArray().Select(finding => (finding.GetProperty("code").GetString(), finding.GetProperty("subject").GetString())), Is.EqualTo(new[] { ("cut_over", "cdp-b") }));
        Assert.That((await PostAsync("/v1/config/versions/apply", new { files, plan_hash = plan.GetProperty("plan_hash").GetString() })).Body.GetProperty("version").GetInt64(), Is.EqualTo(2));
    }

    private async Task SendAsync(string producer, int minute, string id, string occupation) => Assert.That(
        (await PostAsync("/v1/events", new
        {
            event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = TimeProvider.System.GetUtcNow().AddMinutes(minute - 10), producer, subject = new { external_id = id }, payload = new { attributes = new { occupation } },
        })).Body.GetProperty("accepted").GetInt32(),
        Is.EqualTo(1));

    private async Task<(int Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var answer = await _hub.Http.PostAsJsonAsync(path, body);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    [GeneratedRegex(",\"last_at\":\"[^\"]+\"")]
    private static partial Regex LastAt();
}
