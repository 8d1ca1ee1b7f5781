using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;

namespace Connectors.Tests.Abstractions;

/// <summary>The headers as https://www.rfc-editor.org/rfc/rfc9745 and https://www.rfc-editor.org/rfc/rfc8594 show them, and what their drafts and real servers make of them.</summary>
public sealed class When_an_answer_tells_of_an_end
{
    private static readonly VendorEndpoint Endpoint = new("GET", "/people", "v1", new Uri("https://vendor.example.test/docs"));

    [TestCase("@1688169599", "2023-06-30T23:59:59Z")]
    [TestCase("@1688169599;by=somebody", "2023-06-30T23:59:59Z")]
    [TestCase("Fri, 30 Jun 2023 23:59:59 GMT", "2023-06-30T23:59:59Z")]
    [TestCase("Friday, 30-Jun-23 23:59:59 GMT", "2023-06-30T23:59:59Z")]
    [TestCase("true", null)]
    [TestCase("?1", null)]
    [TestCase("@99999999999999999999", null)]
    [TestCase("@99999999999999", null)]
    [TestCase("version=\"v1\"", null)]
    public void Should_be_heard_to_be_deprecated(string value, string? at)
    {
        var notice = Read(("Deprecation", value)).Single();
        Assert.That((notice.Kind, notice.At), Is.EqualTo((NoticeKind.Deprecation, at is null ? null : (DateTimeOffset?)Moment(at))));
    }

    [TestCase("Deprecation", "false")]
    [TestCase("Deprecation", "?0")]
    [TestCase("Deprecation", "")]
    [TestCase("Sunset", "soon")]
    [TestCase("Sunset", "@1688169599")]
    [TestCase("Link", "<https://vendor.example.test/policy>; rel=\"deprecation\", <https://vendor.example.test/end>; rel=\"sunset\"")]
    [TestCase("Content-Language", "en")]
    public void Should_hear_nothing_where_nothing_ends(string name, string value) => Assert.That(Read((name, value)), Is.Empty);

    [Test]
    public void Should_be_heard_to_end_with_the_pages_that_say_why_and_what_comes_next()
    {
        var notices = Read(
            ("Deprecation", "@1688169599"), ("Sunset", "Sun, 30 Jun 2024 23:59:59 GMT"),
            ("Link", "<https://vendor.example.test/deprecated?of=you#part>; rel=\"deprecation\"; type=\"text/html\", <https://vendor.example.test/a,b>;rel=sunset"), ("Link", "</v2/people>; title=\"a, <b>; rel=sunset\"; rel=\"alternate successor-version\""));
        Assert.That(notices, Is.EqualTo(new[]
        {
            new VendorNotice(NoticeKind.Deprecation) { At = Moment("2023-06-30T23:59:59Z"), Page = "https://vendor.example.test/deprecated", Successor = "https://api.vendor.example.test/v2/people" },
            new VendorNotice(NoticeKind.Sunset) { At = Moment("2024-06-30T23:59:59Z"), Page = "https://vendor.example.test/a,b", Successor = "https://api.vendor.example.test/v2/people" },
        }));
    }

    [Test]
    public void Should_take_the_earlier_of_two_ends() =>
        Assert.That(Read(("Sunset", "Sun, 30 Jun 2024 23:59:59 GMT"), ("Sunset", "Wed, 01 May 2024 00:00:00 GMT")).Single().At, Is.EqualTo(Moment("2024-05-01T00:00:00Z")));

    /// <summary>A vendor may make links of the address that was called, and in a path that is filled in may stand an address of somebody.</summary>
    [TestCase("/statuses/{subscriberIdString}", "</v5/statuses/anna>; rel=\"successor-version\"", null)]
    [TestCase("/statuses/{subscriberIdString}", "<https://docs.example.test/v5>; rel=\"successor-version\"", "https://docs.example.test/v5")]
    [TestCase("/people", "<https://docs.example.test/v5/anna%40example.test>; rel=\"successor-version\"", null)]
    [TestCase("/people", "<https://docs.example.test/v5/anna@example.test>; rel=\"successor-version\"", null)]
    [TestCase("/people", "<mailto:anna@example.test>; rel=\"successor-version\"", null)]
    public void Should_keep_no_link_that_may_name_a_person(string path, string link, string? kept) =>
        Assert.That(Read(Endpoint with { Path = path }, ("Deprecation", "true"), ("Link", link)).Single().Successor, Is.EqualTo(kept));

    [Test]
    public void Should_not_read_headers_of_any_length() => Assert.That(Read(("Deprecation", "true"), ("Link", $"<https://vendor.example.test/{new string('a', 5_000)}>; rel=deprecation")).Single().Page, Is.Null);

    private static IReadOnlyList<VendorNotice> Read(params (string Name, string Value)[] headers) => Read(Endpoint, headers);

    private static IReadOnlyList<VendorNotice> Read(VendorEndpoint endpoint, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return NoticeHeaders.Read(endpoint, new Uri("https://api.vendor.example.test/v1/people?key=secret"), response.Headers);
    }

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
