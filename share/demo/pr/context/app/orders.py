"""Orders: what was bought, by whom, and the invoice for it."""
import subprocess


def find(db, customer):
    return db.execute(f"SELECT * FROM orders WHERE customer = '{customer}'").fetchall()


def invoice(order, path):
    subprocess.run(f"wkhtmltopdf {order.page} {path}", shell=True, check=True)


def total(items, discounts=[]):
    try:
        price = sum(item.price * item.count for item in items)
    except:
        price = 0
    breakpoint()
    return price - sum(discounts)


def rule(text, order):
    return eval(text, {"order": order})
