using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>Somebody else is at work within an object and a list.</summary>
public sealed partial class When_a_vendor_was_changed_by_others
{
    private const string Parts = """

          - { from: first_name, to: $.name.first, type: text, classification: personal }
          - { from: date_of_birth, to: $.name.since, type: date, formats: [MM/dd/yyyy], classification: personal }
          - { from: home_owner, to: interests, element: homes, type: boolean, true_words: ["Y"], false_words: ["N"], on_null: clear, classification: personal }
          - { from: home_owner, to: interests, element: flats, type: boolean, true_words: ["N"], false_words: ["Y"], classification: personal }

        """;

    /// <summary>An object and a list are written and compared part by part: what others have in them is no difference and stays.</summary>
    [Test]
    public async Task Should_find_and_heal_what_changed_in_an_object_and_a_list()
    {
        var braze = _hub.Sandbox!["braze"].Vendor;
        using var http = new HttpClient { BaseAddress = new Uri(_hub.Sandbox.BaseUrl("braze") + "/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", braze.Credentials["api_key"]);
        await FinishAsync(await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "braze" } }));
        await Poll.Until(() => braze.IsSettled, "Braze to have applied what it took");
        Assert.That((Held(20, "name"), Held(20, "interests")), Is.EqualTo(("""{"first":"FIRST","since":{"$time":"1966-04-08"}}""", """["homes"]""")));

        using var answer = await http.PostAsJsonAsync("users/track", new
        {
            attributes = new object[]
            {
                new { external_id = Id(20), _merge_objects = true, name = new { first = "Changed", nick = "Bo" } },
                new { external_id = Id(21), interests = new { add = new[] { "chess" }, remove = new[] { "homes" } } },
                new { external_id = Id(22), interests = new { add = new[] { "flats" } } },
                new { external_id = Id(23), _merge_objects = true, name = new { nick = "Al" }, interests = new { add = new[] { "chess" } } },
            },
        });
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        await Poll.Until(() => braze.IsSettled, "Braze to have applied what somebody else did");
        var told = await ReconcileAsync("braze", HealingWord.All);
        Assert.That(Findings(told), Is.EqualTo((0, 0, 3, 0)), told.ToString());
        var page = await _http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{told.GetProperty("run_id").GetGuid()}/findings?kind=different");
        Assert.That(page.GetProperty("items").EnumerateArray().Select(finding => finding.GetProperty("field").GetString()), Is.EquivalentTo(new[] { "$.name.first", "$.interests[homes]", "$.interests[flats]" }));

        await Poll.Until(() => braze.IsSettled, "Braze to have applied what was healed");
        Assert.That(Held(20, "name"), Is.EqualTo("""{"first":"FIRST","since":{"$time":"1966-04-08"},"nick":"Bo"}"""));
        Assert.That((Held(21, "interests"), Held(22, "interests")), Is.EqualTo(("""["chess","homes"]""", """["homes"]""")));
        Assert.That((Held(23, "name"), Held(23, "interests")), Is.EqualTo(("""{"first":"FIRST","since":{"$time":"1966-04-08"},"nick":"Al"}""", """["homes","chess"]""")));
        var healed = await ReconcileAsync("braze", null);
        Assert.That(Findings(healed), Is.EqualTo((0, 0, 0, 0)), healed.ToString());

        string? Held(int person, string attribute) => braze.People().Single(known => known.Keys.GetValueOrDefault("external_id") == Id(person)).Fields.GetValueOrDefault(attribute);
    }
}
