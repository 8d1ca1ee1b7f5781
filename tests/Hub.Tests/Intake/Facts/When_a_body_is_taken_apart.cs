using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A call's body is cut into facts without looking at what they say.</summary>
public sealed class When_a_body_is_taken_apart
{
    [TestCase("""{"a":[{"b":"]"}]}""", new[] { """{"a":[{"b":"]"}]}""" })]
    [TestCase("""  [ {"a":1} , {"b":"\"}"} , 7, "x", [2] ] """, new[] { """{"a":1}""", """{"b":"\"}"}""", "7", "\"x\"", "[2]" })]
    [TestCase("\uFEFF[{\"ä\":1},{\"b\":2}]", new[] { "{\"ä\":1}", "{\"b\":2}" })]
    [TestCase("[]", new string[0])]
    public void Should_find_the_values_of_JSON(string body, string[] facts) => Assert.That(Texts(FactBody.OfJson(Encoding.UTF8.GetBytes(body))), Is.EqualTo(facts));

    [TestCase("")]
    [TestCase("[{},")]
    [TestCase("[{}] {}")]
    [TestCase("{\"a\":secret}")]
    [TestCase("\u0000")]
    public void Should_say_where_it_is_no_JSON_and_not_what_it_holds(string body)
    {
        var problem = Assert.Throws<JsonException>(() => FactBody.OfJson(Encoding.UTF8.GetBytes(body)))!;

        Assert.That(problem.Message, Does.StartWith("The body is no JSON from line 1, byte ").And.Not.Contain("secret"));
    }

    [TestCase("{}\n{}", 2)]
    [TestCase("\uFEFF{}\r\n\r\n  \n{}\n", 2)]
    [TestCase("\n\n", 0)]
    [TestCase("not json\n", 1)]
    public void Should_find_the_lines_that_hold_something(string body, int facts) => Assert.That(FactBody.OfLines(Encoding.UTF8.GetBytes(body)), Has.Count.EqualTo(facts));

    [TestCase(FactBody.MaxBytes, true)]
    [TestCase(FactBody.MaxBytes + 1, false)]
    public async Task Should_be_read_up_to_a_limit(int bytes, bool isRead)
    {
        var body = await FactBody.ReadAsync(new MemoryStream(new byte[bytes]), FactBody.MaxBytes, CancellationToken.None);

        Assert.That(body is not null, Is.EqualTo(isRead));
    }

    private static string[] Texts(List<ReadOnlyMemory<byte>> facts) => [.. facts.Select(fact => Encoding.UTF8.GetString(fact.Span))];
}
