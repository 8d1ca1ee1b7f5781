using System.Net;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Console.Deeds;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>Whatever an address or a form says: pages answer, say no, and never repeat markup as markup.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class When_input_is_hostile
{
    private static readonly string[] _places =
    [
        "/", "/runs", "/runs/RUN", "/runs/RUN/records", "/runs/RUN/findings", "/runs/HOSTILE", "/dead-letters", "/dead-letters/group", "/dead-letters/HOSTILE", "/actions", "/actions/9999999999999999999",
        "/destinations", "/destinations/HOSTILE", "/approvals", "/approvals/HOSTILE", "/audiences", "/backfills", "/schedules", "/alerts", "/hubs", "/catalog", "/catalog/HOSTILE", "/map", "/changes", "/changes/HOSTILE", "/erasures", "/erasures/RUN", "/audit", "/sign-in", "/dead-letters/list", "/destinations/HOSTILE/minutes", "/destinations/braze/minutes", "/destinations/braze/backlog", "/consent/parts",
    ];

    private static readonly string[] _names =
    [
        "run", "destination", "alert", "schedule", "erasure", "action", "letter", "code", "operation", "approval", "audience", "state", "outcome", "before", "after", "next", "show", "q", "from", "to", "done", "limit", "status", "purpose", "lane", "action_id",
    ];

    private static readonly string[] _values = ["\"><script>x1()</script>", "\u0000", "99999999999999999999", "../../v1/keys", "javascript:x1()"];

    private static readonly string[] _seen = ["{", "[]", "{\"a\":1,\"a\":2}", new('[', 200)];

    [Test]
    public async Task Should_answer_every_address_without_an_error_or_its_markup([ValueSource(nameof(_values))] string value)
    {
        var page = await Scene.OpenAsync("settings");
        var said = Uri.EscapeDataString(value);
        var query = string.Join('&', _names.Select(name => $"{name}={said}"));
        foreach (var place in _places.Concat(Deed.All.Select(deed => $"/do/{deed.Name}")))
        {
            var answer = await page.Context.APIRequest.GetAsync($"{place.Replace("RUN", Scene.Over.ToString(), StringComparison.Ordinal).Replace("HOSTILE", said, StringComparison.Ordinal)}?{query}", new() { MaxRedirects = 0 });
            var text = await answer.TextAsync();
            Assert.That(answer.Status, Is.LessThan(500), $"{place}\n{text}");
            Assert.That(text, Does.Not.Contain("<script>x1").And.Not.Contain("href=\"javascript:"), place);
            Assert.That(answer.Headers.GetValueOrDefault("location", "/"), Does.StartWith("/").And.Not.StartWith("//"), place);
        }

        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_do_nothing_for_a_form_that_is_none([ValueSource(nameof(_seen))] string seen)
    {
        var page = await Scene.OpenAsync("operator");
        var request = page.Context.APIRequest;
        var address = "/do/check?destination=braze";
        var token = Token().Match(await (await request.GetAsync(address)).TextAsync()).Groups[1].Value;
        Assert.That(token, Is.Not.Empty);
        var form = page.Context.APIRequest.CreateFormData().Set("form-token", token).Set("key", "a key of this form").Set("seen", seen);
        var headers = new Dictionary<string, string> { ["Origin"] = Scene.Address.GetLeftPart(UriPartial.Authority) };
        var answer = await request.PostAsync(address, new() { Form = form, Headers = headers, MaxRedirects = 0 });
        Assert.That(answer.Status, Is.EqualTo((int)HttpStatusCode.BadRequest), await answer.TextAsync());
        await page.Context.CloseAsync();
    }

    /// <summary>What is no name of anything leads nowhere, and stands in no address.</summary>
    [Test]
    public async Task Should_find_nothing_that_is_called_so([ValueSource(nameof(_values))] string value)
    {
        var page = await Scene.OpenAsync("viewer");
        var request = page.Context.APIRequest;
        var token = Token().Match(await (await request.GetAsync("/runs")).TextAsync()).Groups[1].Value;
        var form = request.CreateFormData().Set("form-token", token).Set("q", value);
        var answer = await request.PostAsync("/find", new() { Form = form, Headers = new Dictionary<string, string> { ["Origin"] = Scene.Address.GetLeftPart(UriPartial.Authority) }, MaxRedirects = 0 });
        Assert.That((answer.Status is 404 or 400, answer.Headers.ContainsKey("location")), Is.EqualTo((true, false)), $"{answer.Status}");
        Assert.That(await answer.TextAsync(), Does.Not.Contain("x1()").And.Not.Contain("99999999999"));
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_refuse_a_form_with_more_fields_than_any_has()
    {
        var page = await Scene.OpenAsync("operator");
        var headers = new Dictionary<string, string> { ["Origin"] = Scene.Address.GetLeftPart(UriPartial.Authority), ["Content-Type"] = "application/x-www-form-urlencoded" };
        var answer = await page.Context.APIRequest.PostAsync("/do/check?destination=braze", new() { DataString = string.Join('&', Enumerable.Range(0, 2_000).Select(number => $"f{number}=1")), Headers = headers, MaxRedirects = 0 });
        Assert.That(answer.Status, Is.EqualTo((int)HttpStatusCode.BadRequest), await answer.TextAsync());
        await page.Context.CloseAsync();
    }

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
